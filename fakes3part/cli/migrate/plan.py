"""Decides, for one module, what is rewritten and what is reported."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import libcst as cst

from .advice import MOCK, READERS_OF_BUCKETS, SERVED, SERVER, advice_for, constant_value, mocked_service, new_name
from .commands import command_advice
from .references import Binding, Reference, References, assigned_by_others, other_services
from .requirements import REQUIREMENT, requirement_advice

NEW = "fakes3part"

_SHARED_PARTS = frozenset(
    {"core", "server", "moto_server", "settings", "backends", "utilities", "moto_api", "moto_proxy", "__version__", *SERVED}
)
"""The parts of ``moto`` that belong to no service, or to one that a fake serves."""


@dataclass
class Plan:
    """What is done to one module."""

    others: bool = False
    """Whether the mocks get ``others="moto"``."""
    other_services: tuple[str, ...] = ()
    left: bool = False
    """The module uses moto for other services only, and keeps it."""
    moved_aliases: dict[cst.ImportAlias, tuple[str, str | None]] = field(default_factory=dict)
    """Names of ``from moto import ...``: their name in fakes3part, and its alias (None: no alias)."""
    constants: dict[cst.ImportAlias, tuple[str, str]] = field(default_factory=dict)
    """Imported constants that become assignments: the local name, and the value."""
    replaced_modules: set[cst.ImportAlias] = field(default_factory=set)
    """Imported modules that become ``import fakes3part``."""
    added_modules: set[cst.ImportAlias] = field(default_factory=set)
    """Imported modules that stay, with ``import fakes3part`` added."""
    expressions: dict[cst.BaseExpression, str] = field(default_factory=dict)
    """References, and the text that replaces each."""
    mocks: dict[cst.BaseExpression, str] = field(default_factory=dict)
    """The references to moto's mocks that move, and the service of each."""
    skips: set[cst.Call] = field(default_factory=set)
    """The calls ``importorskip("moto")`` that become ``importorskip("fakes3part")``."""
    commands: set[cst.BaseExpression] = field(default_factory=set)
    """Command lines of ``moto_server`` that become ``fakes3part serve``."""
    findings: set[tuple[int, str, str]] = field(default_factory=set)
    """Line, what, and advice."""
    mock_lines: list[int] = field(default_factory=list)
    """The lines of the mocks that move."""

    @property
    def changes(self) -> bool:
        return bool(self.moved_aliases or self.constants or self.expressions or self.skips or self.commands)


def make_plan(path: Path, module: cst.Module, found: References) -> Plan:
    """Return what to do to one module."""
    plan = Plan()
    names = {binding.imported for binding in found.bindings} | {name for use in found.uses for name in use.names}
    old_services = {service for name in names if (service := mocked_service(name)) and service != "aws"}
    has_mock_aws = any(mocked_service(name) == "aws" for name in names)
    seen = other_services(found.services)
    others = (old_services - SERVED) | _packages(names)
    others |= {*seen, *found.configured} if has_mock_aws or not old_services else set()
    plan.other_services = tuple(sorted(others))
    plan.others = bool(others)
    if not _uses_s3(module, found, names, old_services):
        if others or old_services:
            plan.left = True
            return plan
        if has_mock_aws and re.match(r"test_.*|.*_test\.py", path.name):
            advice = f"if it is for S3, write from {NEW} import {MOCK}; else keep moto's"
            lines = {binding.line for binding in found.bindings if mocked_service(binding.imported)}
            lines = lines or {binding.line for binding in found.bindings}
            plan.findings |= {(line, "no use of S3 is seen in this file", advice) for line in lines}
            return plan
    _Planner(plan, module, found, bool(seen)).run()
    return plan


def _packages(names: Iterable[str]) -> set[str]:
    """Return the services whose packages of moto are used: sqs of ``moto.sqs.models``."""
    parts = {name.split(".")[1] for name in names if name.count(".") > 1}
    return {part for part in parts if part not in _SHARED_PARTS and not part.startswith("mock_")}


def _uses_s3(module: cst.Module, found: References, names: set[str], old_services: set[str]) -> bool:
    if "s3" in old_services or "s3" in found.services or any(name.startswith("moto.s3") for name in names):
        return True
    return not old_services and re.search("s3", module.code, re.IGNORECASE) is not None


class _Planner:
    def __init__(self, plan: Plan, module: cst.Module, found: References, serves_others: bool) -> None:
        self.plan = plan
        self.found = found
        self.code = module.code
        self.serves_others = serves_others
        self.statements: set[cst.CSTNode] = {binding.statement for binding in found.bindings}

    def run(self) -> None:
        renamed = self._imported_names()
        for use in self.found.uses:
            self._plan_use(use, renamed)
        self._modules()
        self._commands()
        self._skips()
        self._reports()

    def _target(self, names: Iterable[str]) -> str | None:
        """Return the one name in fakes3part of names in moto; None: there is none, or not one."""
        targets = {new_name(name) for name in names}
        target = targets.pop() if len(targets) == 1 else None
        return None if target == SERVER and self.serves_others else target

    def _imported_names(self) -> set[Binding]:
        """Plan ``from moto import name``, and return the bindings whose local name changes."""
        renamed = set()
        for binding in self.found.bindings:
            if binding.alias is None or not isinstance(binding.statement, cst.ImportFrom):
                continue
            target, value = self._target([binding.imported]), constant_value(binding.imported)
            if value is not None:
                self.plan.constants[binding.alias] = binding.local, value
            if target is None:
                continue
            alias = None if binding.local == target else binding.local
            if alias and self._can_rename(binding, target):
                renamed.add(binding)
                alias = None
            self.plan.moved_aliases[binding.alias] = (target, alias)
        return renamed

    def _can_rename(self, binding: Binding, target: str) -> bool:
        """Return whether a local name may become fakes3part's: it is used here, and nothing else has either name."""
        group = [other for other in self.found.bindings if other.local == binding.local]
        if any(other.base != other.imported or self._target([other.imported]) != target for other in group):
            return False
        if any(other.alias is None or other.alias.asname is not None for other in group):
            return False
        uses = [use for use in self.found.uses if binding in use.bindings]
        if not uses or re.search(rf"""["']{binding.local}["']""", self.code):
            return False
        scopes = {use.scope for use in uses} | {other.scope for other in group}
        return not any(assigned_by_others(scope, name, self.statements) for scope in scopes for name in (binding.local, target))

    def _plan_use(self, use: Reference, renamed: set[Binding]) -> None:
        target = self._target(use.names)
        if target is None:
            return
        first = use.bindings[0]
        kinds = {type(binding.statement) for binding in use.bindings}
        if isinstance(use.node, cst.Name):
            if first.alias is None or first.alias not in self.plan.moved_aliases:
                return
            if first in renamed:
                self.plan.expressions[use.node] = target
        elif cst.Call in kinds:
            if len(kinds) > 1:
                return
            self.plan.expressions[use.node] = f"{first.local}.{target}"
        else:
            self.plan.expressions[use.node] = f"{NEW}.{target}"
        if target == MOCK:
            self.plan.mocks[use.node] = mocked_service(use.names[0]) or ""
            self.plan.mock_lines.append(use.line)

    def _modules(self) -> None:
        """Plan the imports of modules: they are replaced if all their uses move."""
        for binding in self.found.bindings:
            uses = [use for use in self.found.uses if binding in use.bindings]
            moved = [use for use in uses if use.node in self.plan.expressions]
            if binding.alias is None or self._is_moved(binding):
                continue
            if uses and len(moved) == len(uses):
                self.plan.replaced_modules.add(binding.alias)
            elif moved:
                self.plan.added_modules.add(binding.alias)

    def _skips(self) -> None:
        bound = {binding.statement: binding for binding in self.found.bindings if binding.alias is None}
        keeps_moto = self.plan.others or any(
            binding.alias is not None and not self._is_moved(binding) and binding.alias not in self.plan.replaced_modules
            for binding in self.found.bindings
        )
        for call, module, line in self.found.skips:
            uses = [use for use in self.found.uses if call in bound and bound[call] in use.bindings]
            if all(use.node in self.plan.expressions for use in uses) if uses else self.plan.changes and not keeps_moto:
                self.plan.skips.add(call)
            elif not (self.plan.others and not uses):
                self._report(line, f'importorskip("{module}")', f'write importorskip("{NEW}")')

    def _reports(self) -> None:
        for binding in self.found.bindings:
            self._report_binding(binding)
        for use in self.found.uses:
            is_moved = use.node in self.plan.expressions or self._is_moved_name(use)
            if not is_moved and not any(self._is_reported(binding) for binding in use.bindings):
                self._report_name(use.line, use.names[0])
        for line, text in self.found.strings:
            if text == "moto" or text.endswith(".*"):
                advice = advice_for(text)
            elif text.startswith("moto.") and new_name(text):
                advice = f'write "{NEW}.{new_name(text)}"'
            elif "/moto-api/" in text:
                advice = "fakes3part has /moto-api/reset only; see its control API, /_fakes3part/"
            elif text.startswith("moto."):
                advice = advice_for(text)
            else:
                requirement = re.match(REQUIREMENT, text)
                advice = requirement_advice(requirement["extras"] if requirement else None)
            self._report(line, f'"{text}"', advice)
        self._report_services()

    def _report_services(self) -> None:
        """Report where the mocks may have to be for other services, and it cannot be seen or written."""
        write = f'write {MOCK}(others="moto")'
        if self.plan.others:
            readers = READERS_OF_BUCKETS.intersection(self.plan.other_services)
            if readers and self.plan.mock_lines:
                advice = f"they read the buckets of moto, not those of {NEW}: keep moto's mock where they need objects"
                self._report(min(self.plan.mock_lines), ", ".join(sorted(readers)), advice)
            for use in self.found.uses:
                if use.node in self.plan.mocks and use.node not in self.found.called:
                    self._report(use.line, "a mock that is neither called nor a decorator", write)
        elif self.plan.mocks:
            for line in self.found.variable_services:
                self._report(line, "the name of the service is not a literal", f"if it is not S3, STS or KMS, {write}")
            for service, line in self.found.named_services.items():
                self._report(line, f"{service} is imported", f"if it is called under the mock, {write}")

    def _commands(self) -> None:
        for node, line in self.found.commands:
            advice = command_advice(node)
            if advice is None:
                self.plan.commands.add(node)
            else:
                self._report(line, "moto_server", advice)

    def _report_binding(self, binding: Binding) -> None:
        if binding.alias is None or self._is_moved(binding):
            return
        used = any(binding in use.bindings for use in self.found.uses)
        if not used or (isinstance(binding.statement, cst.ImportFrom) and self._is_reported(binding)):
            self._report_name(binding.line, binding.imported)

    def _is_reported(self, binding: Binding) -> bool:
        """Return whether the import itself is reported, rather than each use of it."""
        alias = binding.alias
        if alias is None or not isinstance(binding.statement, cst.ImportFrom):
            return False
        return alias not in self.plan.replaced_modules and alias not in self.plan.added_modules

    def _is_moved_name(self, use: Reference) -> bool:
        return any(self._is_moved(binding) for binding in use.bindings)

    def _is_moved(self, binding: Binding) -> bool:
        """Return whether the imported name itself no longer comes from moto."""
        return binding.alias in self.plan.moved_aliases or binding.alias in self.plan.constants

    def _report_name(self, line: int, name: str) -> None:
        if self.serves_others and new_name(name) == SERVER:
            services = ", ".join(self.plan.other_services)
            advice = f"not moved, because this file uses {services}: start fakes3part.{SERVER} beside it, for S3"
        elif mocked_service(name):
            advice = f"write {NEW}.{MOCK}"
        else:
            advice = advice_for(name)
        self._report(line, name, advice)

    def _report(self, line: int, what: str, advice: str) -> None:
        self.plan.findings.add((line, what, advice))
