"""Migrates one Python file, as a function from its content."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import libcst as cst

from .findings import Finding
from .plan import Plan, make_plan
from .references import find_references
from .rewrite import Rewriter
from .source import Source


@dataclass(frozen=True)
class Migration:
    """The result for one file."""

    source: Source
    text: str
    """The new text, which is the old one if nothing changes."""
    plan: Plan

    @property
    def changed(self) -> bool:
        return self.text != self.source.text

    def findings(self) -> list[Finding]:
        """Return what a person has to look at."""
        return [Finding(str(self.source.path), *finding) for finding in self.plan.findings]


def migrate(source: Source) -> Migration:
    """Return a file's new text, and what could not be rewritten.

    Raises:
        SyntaxError: the file is not Python that libcst reads, or that it writes back as it is.
    """
    module = _parse(source.text, cst.parse_module)
    if module.code != source.text:
        raise SyntaxError("its text is not kept exactly by the parser")
    wrapper = cst.MetadataWrapper(module, unsafe_skip_copy=True)
    found = find_references(wrapper)
    plan = make_plan(source.path, module, found)
    text = source.text
    if plan.changes:
        quote = "'" if text.count("'") > text.count('"') else '"'
        text = module.visit(Rewriter(plan, quote)).code
        _parse(text, cst.parse_module)
    return Migration(source, text, plan)


def _parse(text: str, parse: Callable[[str], cst.Module]) -> cst.Module:
    try:
        return parse(text)
    except cst.ParserSyntaxError as error:
        raise SyntaxError(f"line {error.raw_line}: {error.message}") from None
    except (RecursionError, ValueError) as error:
        raise SyntaxError(str(error)) from None
