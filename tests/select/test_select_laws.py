"""Properties of S3 Select on generated data, compared with Python's csv, json, re and comparisons."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from fakes3part.errors import S3Error
from fakes3part.select.compiler import compile_statement
from fakes3part.select.executor import Selection
from fakes3part.select.format_patterns import compile_like
from fakes3part.select.input_data import WholeData
from fakes3part.select.json_source import JsonSource
from fakes3part.select.lexer import RESERVED
from fakes3part.select.parser import parse
from fakes3part.select.request import CsvInput, CsvOutput, JsonInput, JsonOutput, Query
from fakes3part.select.timestamps import add, difference, parse_timestamp
from fakes3part.select.writers import make_writer, to_json

NOW = datetime(2026, 1, 2, 3, 4, 5)
TO_JSON = JsonOutput("\n")
TO_CSV = CsvOutput(",", "\n", '"', '"', False)
NUMBERS = st.integers(-(10**9), 10**9) | st.sampled_from([0.5, -2.25, 1e3])
TEXTS = st.text(max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
)


def selected(sql: str, source: Any, output: Any, data: bytes) -> bytes:
    events = list(Selection(Query(sql, source, "NONE", output, None, False), data, NOW).events())
    for event in events:
        if isinstance(event, S3Error):
            raise event
    return b"".join(event["Records"]["Payload"] for event in events if "Records" in event)  # type: ignore[index, operator]


@given(st.lists(st.dictionaries(st.text(), VALUES), max_size=5))
def test_json_goes_through_unchanged(documents: list[dict[str, Any]]) -> None:
    data = "".join(json.dumps(document) + "\n" for document in documents).encode()
    result = selected("SELECT * FROM S3Object", JsonInput(True), TO_JSON, data)
    expected = [json.loads(json.dumps(document).encode("utf-8", "replace")) for document in documents]
    if not any("\\ud" in line for line in data.decode().split("\n")):  # lone surrogates have no UTF-8
        assert [json.loads(line) for line in result.decode().split("\n")[:-1]] == expected


SIGNS = st.sampled_from(",;|\t:")
CELLS = st.text(alphabet=st.sampled_from("ab,;|\"'\\\n\r#\t é"), max_size=6)


@given(
    st.lists(st.lists(CELLS, min_size=2, max_size=3), max_size=4),
    SIGNS,
    st.sampled_from("\"'"),
    st.sampled_from("\"'\\"),
    st.booleans(),
)
@example([["", ""]], ",", '"', '"', False)
@example([["\\", 'a"']], ",", '"', "\\", False)
def test_csv_output_can_be_read_again(cells: list[list[str]], delimiter: str, quote: str, escape: str, always: bool) -> None:
    write = make_writer(CsvOutput(delimiter, "\n", quote, escape, always))
    data = b"".join(write([(f"_{number}", text) for number, text in enumerate(row, 1)]) for row in cells)
    source = CsvInput("NONE", delimiter, "\n", quote, escape, "", True)
    result = selected("SELECT * FROM S3Object", source, TO_JSON, data)
    assert [list(json.loads(line).values()) for line in result.splitlines()] == cells


PATTERNS = st.text(alphabet="ab%_\n.", max_size=8)


@given(PATTERNS, st.text(alphabet="ab\n.", max_size=8))
def test_like_matches_as_a_regular_expression(pattern: str, text: str) -> None:
    translated = "".join({"%": ".*", "_": "."}.get(sign, re.escape(sign)) for sign in pattern)
    assert compile_like(pattern, None)(text) is bool(re.fullmatch(translated, text, re.DOTALL))


@given(st.text(alphabet="ab%_!", max_size=6))
def test_escaped_characters_match_themselves(text: str) -> None:
    escaped = re.sub("([%_!])", r"!\1", text)
    assert compile_like(escaped, "!")(text)
    assert not compile_like(escaped, "!")(text + "x")


SMALL = st.integers(-50, 50)


@given(st.lists(SMALL, max_size=6), SMALL, SMALL)
def test_conditions_and_aggregates(values: list[int], low: int, high: int) -> None:
    data = "".join(f'{{"a":{value}}}\n' for value in values).encode()

    def results(where: str) -> list[int]:
        result = selected(
            f"SELECT s.a FROM S3Object s WHERE {where}", JsonInput(True), CsvOutput(",", "\n", '"', '"', False), data
        )
        return [int(line) for line in result.split()]

    assert results(f"s.a BETWEEN {low} AND {high}") == [value for value in values if low <= value <= high]
    assert results(f"NOT s.a < {low} AND s.a <> {high}") == [value for value in values if value >= low and value != high]
    assert results(f"s.a IN ({low}, {high}) OR s.a % 2 = 0") == [v for v in values if v in (low, high) or v % 2 == 0]
    result = selected("SELECT COUNT(*), SUM(s.a), MIN(s.a), MAX(s.a) FROM S3Object s", JsonInput(True), TO_JSON, data)
    count, total, minimum, maximum = json.loads(result).values()
    assert (count, total or 0) == (len(values), sum(values))
    assert (minimum, maximum) == ((min(values), max(values)) if values else (None, None))


DATES = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1))


@given(DATES, st.sampled_from(["day", "hour", "minute", "second"]), st.integers(-(10**6), 10**6))
def test_date_diff_of_date_add(moment: datetime, part: str, quantity: int) -> None:
    if part == "day":
        quantity %= 10**4
    timestamp = parse_timestamp(moment.replace(microsecond=0).isoformat() + "Z")
    assert timestamp is not None
    assert str(timestamp) == moment.replace(microsecond=0).isoformat() + "Z"
    assert difference(part, timestamp, add(part, quantity, timestamp)) == quantity


# --- Generated statements ------------------------------------------------------------------------------------------

TEXT = """
a b s3object s select from where limit and or not in is null missing like escape between case when then else end cast as int
string count sum lower substring trim extract date_add year coalesce nullif true false for both all distinct format filter values
at interval row any ignore nulls over within group is_x ( ) , . * + - / % = <> < || [ ] 1 0 'x' "q" `2007T` 1.5 _1 '%'
"""
TOKENS = st.sampled_from(TEXT.split())
OPERANDS = st.sampled_from(["a", "s.b", "1", "'x'", '"q"', "null", "true", "lower(a)", "(a)", "a in (1, b)", "cast(a as int)"])


PIECES = st.lists(OPERANDS | TOKENS, min_size=1, max_size=6)


@settings(max_examples=200)
@given(st.lists(TOKENS, max_size=12), st.lists(TOKENS, max_size=8))
def test_every_operand_is_in_the_tree(items: list[str], condition: list[str]) -> None:
    """sqlglot drops parts that it does not use (``SUM(ALL x)``): every operand of an accepted statement must be in the tree."""
    sql = f"select {' '.join(items)} from s3object s where {' '.join(condition)}"
    _check_complete(sql)


@settings(max_examples=200)
@given(PIECES, PIECES)
def test_nearly_valid_statements(items: list[str], condition: list[str]) -> None:
    _check_complete(f"select {' '.join(items)} from s3object s where {' '.join(condition)}")


def _check_complete(sql: str) -> None:
    try:
        statement = parse(sql)
        plan = compile_statement(statement, JsonSource(WholeData(b"{}"), JsonInput(True)), NOW)
    except S3Error:  # anything else is a bug
        return
    trees = [*statement.items, *([] if statement.where is None else [statement.where])]
    constants = [node for tree in trees for node in tree.find_all(exp.Literal, exp.RawString, exp.Boolean, exp.Null)]
    text = sql.split(" limit ")[0].replace("from s3object s ", "", 1)
    assert len(constants) == len(re.findall(CONSTANT, text))
    names = {node.name.lower() for tree in trees for node in tree.find_all(exp.Identifier)}
    assert names - {"missing", "year"} - SYNTAX == set(re.findall(NAME, re.sub(CONSTANT, "", text))) - SYNTAX
    assert len(plan.items) == len(statement.items) or not plan.items


CONSTANT = r"""'[^']*'|`[^`]*`|\b\d[\d.]*|\b(?:true|false|null)\b"""
NAME = r"[a-z_]\w*"
SYNTAX = {*RESERVED, "date_add"}


@given(VALUES)
def test_json_text(value: Any) -> None:
    assert json.loads(to_json(value)) == value
