"""`docs/not-recorded.md` names all that the code assumes, and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIST = ROOT / "docs" / "not-recorded.md"

_STATEMENT = re.compile(
    r"""
    \b(?:(?<!roles[ ])(?<!that[ ]was[ ])[Aa]ssumed\b(?!-role) | from[ ]memory | not[ ]recorded[ ]from[ ]AWS)
    (?:[^.]{0,80}?[ ]not[ ]recorded[ ]from[ ]AWS)?        # both together are one statement
    """,
    re.VERBOSE,
)
_ROW = re.compile(r"^\|.*\| `(fakes3part/[\w/]+\.py)` \|$", re.MULTILINE)


def statements(text: str) -> list[str]:
    """Return the statements of a module that something is assumed; its lines are joined first."""
    joined = re.sub(r"\s*\n\s*(?:# ?)?", " ", text)
    return [joined[max(0, match.start() - 60) : match.end() + 60] for match in _STATEMENT.finditer(joined)]


def found_in_code() -> dict[str, list[str]]:
    modules = sorted((ROOT / "fakes3part").rglob("*.py"))
    found = {str(path.relative_to(ROOT)): statements(path.read_text("utf-8")) for path in modules}
    return {path: texts for path, texts in found.items() if texts}


def test_each_assumption_has_a_row() -> None:
    rows, found = Counter(_ROW.findall(LIST.read_text("utf-8"))), found_in_code()
    missing = {path: texts for path, texts in found.items() if rows[path] < len(texts)}
    assert missing == {}, "add rows to docs/not-recorded.md for what these modules assume"
    assert sum(map(len, found.values())) > 30


def test_each_row_is_an_assumption_of_the_code() -> None:
    rows = Counter(_ROW.findall(LIST.read_text("utf-8")))
    assert rows.keys() == found_in_code().keys()
    lines = re.findall(r"^\| (?!Operation )", LIST.read_text("utf-8"), re.MULTILINE)
    assert len(lines) == sum(rows.values()), "a row whose last column is not a path"


def test_what_is_a_statement() -> None:
    text = '''
    """A. Assumed, not recorded
    from AWS: b.

    role: the role that was assumed; ``assumed-role/x``. roles assumed by role chaining. AssumedRole.
    """
    # (c; assumed:
    # not recorded from AWS)
    # Never recorded; text from memory. Texts are not recorded from AWS.
    '''
    assert len(statements(text)) == 4
