"""Errors of S3 Select: by code before the stream, and as events within it."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from botocore.exceptions import EventStreamError

from fakes3part.errors import ERRORS
from tests.support.doors import Door, refused
from tests.support.s3_select import CSV, DOCUMENT, LINES, PEOPLE, RULES, TO_CSV, TO_JSON, USE, events, put, put_lines
from tests.support.state import unchanged

ALL = "SELECT * FROM S3Object"

STATEMENTS = [
    ("", "MissingRequiredParameter"),
    (" ", "ParseExpectedKeyword"),
    ("FROM S3Object", "ParseExpectedKeyword"),
    ("DELETE FROM S3Object", "ParseExpectedKeyword"),
    ("SELECT", "ParseSelectMissingFrom"),
    ("SELECT 1", "ParseSelectMissingFrom"),
    ("SELECT * WHERE a = 1", "ParseSelectMissingFrom"),
    ("SELECT FROM S3Object", "ParseEmptySelect"),
    ("SELECT * FROM", "ParseUnexpectedToken"),
    ("SELECT * FROM S3Object;", "LexerInvalidChar"),
    ("SELECT * FROM S3Object; SELECT * FROM S3Object", "LexerInvalidChar"),
    ("SELECT name, FROM S3Object", "ParseUnexpectedToken"),
    ("SELECT name name2 name3 FROM S3Object", "ParseUnexpectedToken"),
    ("SELECT (name FROM S3Object", "ParseSelectMissingFrom"),
    ("SELECT name) FROM S3Object", "ParseSelectMissingFrom"),
    ("SELECT name FROM S3Object WHERE", "ParseUnexpectedToken"),
    ("SELECT name FROM S3Object WHERE (", "ParseUnexpectedToken"),
    ("SELECT name FROM S3Object LIMIT", "ParseExpectedNumber"),
    ("SELECT name FROM S3Object LIMIT x", "ParseExpectedNumber"),
    ("SELECT name FROM S3Object LIMIT 1.5", "ParseExpectedNumber"),
    ("SELECT name FROM S3Object LIMIT -1", "EvaluatorNegativeLimit"),
    ("SELECT name FROM S3Object LIMIT 9999999999999999999", "IntegerOverflow"),
    ("SELECT name FROM S3Object LIMIT 1 2", "ParseUnexpectedToken"),
    ("SELECT name FROM S3Object LIMIT 1 WHERE name = 'x'", "ParseUnexpectedToken"),
    ("SELECT 'name FROM S3Object", "LexerInvalidLiteral"),
    ("SELECT 0x1F FROM S3Object", "LexerInvalidLiteral"),
    ("SELECT `x` FROM S3Object", "LexerInvalidIONLiteral"),
    ("SELECT `2007-13T` FROM S3Object", "LexerInvalidIONLiteral"),
    ("SELECT name FROM S3Object WHERE name == 'x'", "LexerInvalidOperator"),
    ("SELECT name::int FROM S3Object", "LexerInvalidOperator"),
    ("SELECT name -> 'a' FROM S3Object", "LexerInvalidOperator"),
    ("SELECT ? FROM S3Object", "LexerInvalidChar"),
    ("SELECT @name FROM S3Object", "LexerInvalidChar"),
    ("SELECT 'a' 'b' FROM S3Object", "UnsupportedSqlStructure"),
    ("SELECT * , name FROM S3Object", "ParseAsteriskIsNotAloneInSelectList"),
    ("SELECT name.* FROM S3Object s", "ParseInvalidContextForWildcardInSelectList"),
    ("SELECT name,, age FROM S3Object", "ParseUnexpectedToken"),
    ("SELECT , name FROM S3Object", "ParseUnexpectedToken"),
    ("SELECT end FROM S3Object", "ParseUnexpectedKeyword"),
    ("SELECT s.lower('x') FROM S3Object s", "ParseInvalidPathComponent"),
    ("SELECT s.name('x') FROM S3Object s", "UnsupportedFunction"),
    ("SELECT LOWER(name,) FROM S3Object", "ParseUnexpectedToken"),
    ("SELECT 1a FROM S3Object", "LexerInvalidLiteral"),
    ("SELECT 1_000 FROM S3Object", "LexerInvalidLiteral"),
    ("SELECT (name AS n) FROM S3Object", "ParseUnexpectedToken"),
    ("SELECT SUM(ALL age) FROM S3Object", "UnsupportedSqlStructure"),
    ("SELECT * FROM S3Object GROUP BY name", "UnsupportedSqlStructure"),
    ("SELECT * FROM S3Object ORDER BY name", "UnsupportedSqlStructure"),
    ("SELECT COUNT(*) FROM S3Object HAVING COUNT(*) > 1", "UnsupportedSqlStructure"),
    ("SELECT DISTINCT name FROM S3Object", "UnsupportedSqlStructure"),
    ("SELECT COUNT(DISTINCT name) FROM S3Object", "UnsupportedSqlStructure"),
    ("SELECT * FROM S3Object LIMIT 1 OFFSET 1", "UnsupportedSqlStructure"),
    ("SELECT * FROM S3Object UNION SELECT * FROM S3Object", "UnsupportedSqlStructure"),
    ("SELECT * FROM S3Object a JOIN S3Object b ON a._1 = b._1", "UnsupportedSqlStructure"),
    ("SELECT (SELECT 1 FROM S3Object) FROM S3Object", "UnsupportedSqlStructure"),
    ("SELECT * FROM (SELECT * FROM S3Object)", "UnsupportedSqlStructure"),
    ("WITH a AS (SELECT 1) SELECT * FROM S3Object", "ParseExpectedKeyword"),
    ("SELECT * FROM S3Object a, S3Object b", "MultipleDataSourcesUnsupported"),
    ("SELECT * FROM people", "EvaluatorBindingDoesNotExist"),
    ("SELECT * FROM '/etc/passwd'", "EvaluatorBindingDoesNotExist"),
    ("SELECT * FROM read_csv('/etc/passwd')", "UnsupportedFunction"),
    ("SELECT read_text('/etc/passwd') FROM S3Object", "UnsupportedFunction"),
    ("SELECT LEN(name) FROM S3Object", "UnsupportedFunction"),
    ("SELECT LENGTH(name) FROM S3Object", "UnsupportedFunction"),
    ("SELECT REPLACE(name, 'a', 'b') FROM S3Object", "UnsupportedFunction"),
    ("SELECT name FROM S3Object WHERE name ILIKE 'j%'", "ParseUnexpectedToken"),
    ("SELECT name FROM S3Object WHERE name ISNULL", "ParseUnexpectedToken"),
    ("SELECT TOP 5 name FROM S3Object", "ParseUnexpectedToken"),
    ("SELECT name FROM S3Object WHERE name IS TRUE", "ParseUnexpectedToken"),
    ("SELECT name FROM S3Object WHERE name IN ()", "ParseUnexpectedToken"),
    ("SELECT name FROM S3Object WHERE name BETWEEN 'a'", "ParseUnexpectedToken"),
    ("SELECT (name, age) FROM S3Object", "UnsupportedSqlStructure"),
    ("SELECT [1] FROM S3Object", "UnsupportedSqlStructure"),
    ("SELECT date FROM S3Object", "ParseUnexpectedKeyword"),
    ("SELECT year FROM S3Object", "ParseUnexpectedKeyword"),
    ("SELECT string FROM S3Object", "ParseUnexpectedKeyword"),
    ("SELECT TIMESTAMP '2010-01-01' FROM S3Object", "ParseUnexpectedKeyword"),
    ("SELECT s.date FROM S3Object s", "ParseInvalidPathComponent"),
    ("SELECT s.name.first FROM S3Object s", "ParseInvalidPathComponent"),
    ("SELECT s._1[0] FROM S3Object s", "ParseInvalidPathComponent"),
    ("SELECT s FROM S3Object s", "UnsupportedSqlStructure"),
    ("SELECT name AS user FROM S3Object", "ParseUnexpectedKeyword"),
    ("SELECT name AS int FROM S3Object", "ParseExpectedIdentForAlias"),
    ("SELECT * FROM S3Object AS", "ParseExpectedIdentForAlias"),
    ("SELECT * FROM S3Object AS 's'", "ParseExpectedIdentForAlias"),
    ("SELECT * FROM S3Object s t", "ParseUnexpectedToken"),
    ("SELECT t.name FROM S3Object s", "InvalidTableAlias"),
    ("SELECT S3Object.name FROM S3Object s", "InvalidTableAlias"),
    ("SELECT * FROM S3Object[*].name", "InvalidKeyPath"),
    ("SELECT * FROM S3Object[0]", "UnsupportedSqlStructure"),
    ("SELECT * FROM S3Object[x]", "ParseInvalidPathComponent"),
    ("SELECT nope FROM S3Object", "MissingHeaders"),
    ('SELECT "NAME" FROM S3Object', "MissingHeaders"),
    ("SELECT _0 FROM S3Object", "InvalidColumnIndex"),
    ("SELECT COUNT(*), name FROM S3Object", "UnsupportedSqlStructure"),
    ("SELECT SUM(MAX(age)) FROM S3Object", "UnsupportedSqlStructure"),
    ("SELECT name FROM S3Object WHERE COUNT(*) > 1", "UnsupportedSqlStructure"),
    ("SELECT SUM(*) FROM S3Object", "ParseUnsupportedCallWithStar"),
    ("SELECT COUNT(name, age) FROM S3Object", "ParseNonUnaryAgregateFunctionCall"),
    ("SELECT COUNT() FROM S3Object", "ParseNonUnaryAgregateFunctionCall"),
    ("SELECT LOWER() FROM S3Object", "EvaluatorInvalidArguments"),
    ("SELECT LOWER(name, age) FROM S3Object", "EvaluatorInvalidArguments"),
    ("SELECT NULLIF(name) FROM S3Object", "EvaluatorInvalidArguments"),
    ("SELECT SUBSTRING(name) FROM S3Object", "EvaluatorInvalidArguments"),
    ("SELECT TO_TIMESTAMP('2007', 'yyyy') FROM S3Object", "EvaluatorInvalidArguments"),
    ("SELECT DATE_ADD(week, 1, `2007T`) FROM S3Object", "ParseExpectedDatePart"),
    ("SELECT DATE_ADD(timezone_hour, 1, `2007T`) FROM S3Object", "ParseExpectedDatePart"),
    ("SELECT EXTRACT(week FROM `2007T`) FROM S3Object", "ParseExpectedDatePart"),
    ("SELECT EXTRACT(year, `2007T`) FROM S3Object", "ParseUnexpectedToken"),
    ("SELECT TRIM(name, 'x') FROM S3Object", "ParseUnexpectedToken"),
    ("SELECT CAST(age, INT) FROM S3Object", "ParseUnexpectedToken"),
    ("SELECT CAST(age AS VARCHAR) FROM S3Object", "ParseUnexpectedKeyword"),
    ("SELECT CAST(age AS DECIMAL(5, 2)) FROM S3Object", "ParseInvalidTypeParam"),
    ("SELECT CAST(age AS bigint) FROM S3Object", "InvalidDataType"),
    ("SELECT CAST(age AS nonsense) FROM S3Object", "InvalidDataType"),
    ("SELECT " + "(" * 5000 + "1" + ")" * 5000 + " FROM S3Object", "UnsupportedSqlStructure"),
    ("SELECT '" + "x" * 256 * 1024 + "' FROM S3Object", "ExpressionTooLong"),
]


@pytest.mark.parametrize(("sql", "code"), STATEMENTS, ids=[f"{code}-{sql[:50]}" for sql, code in STATEMENTS])
def test_statements(door: Door, bucket: str, sql: str, code: str) -> None:
    put(door.client, PEOPLE)
    with unchanged(door.fake):
        refused(partial(events, door.client, sql, USE), *_error(code))


def _error(code: str) -> tuple[int, str, str]:
    status, message = ERRORS[code]
    assert status == 400
    return 400, code, message


@pytest.mark.parametrize(
    ("input_format", "output", "members", "code"),
    [
        ({}, TO_CSV, {}, "MissingRequiredParameter"),
        ({"CompressionType": "NONE"}, TO_CSV, {}, "MissingRequiredParameter"),
        (CSV, {}, {}, "MissingRequiredParameter"),
        ({**CSV, **LINES}, TO_CSV, {}, "ObjectSerializationConflict"),
        (CSV, {**TO_CSV, **TO_JSON}, {}, "ObjectSerializationConflict"),
        (CSV, TO_CSV, {"ExpressionType": "GraphQL"}, "InvalidExpressionType"),
        ({**CSV, "CompressionType": "ZIP"}, TO_CSV, {}, "InvalidCompressionFormat"),
        ({"CSV": {"FileHeaderInfo": "MAYBE"}}, TO_CSV, {}, "InvalidFileHeaderInfo"),
        ({"CSV": {"FieldDelimiter": ",,"}}, TO_CSV, {}, "InvalidRequestParameter"),
        ({"CSV": {"FieldDelimiter": ""}}, TO_CSV, {}, "InvalidRequestParameter"),
        ({"CSV": {"RecordDelimiter": "abc"}}, TO_CSV, {}, "InvalidRequestParameter"),
        ({"CSV": {"QuoteCharacter": "''"}}, TO_CSV, {}, "InvalidRequestParameter"),
        ({"CSV": {"Comments": "//"}}, TO_CSV, {}, "InvalidRequestParameter"),
        (CSV, {"CSV": {"QuoteFields": "NEVER"}}, {}, "InvalidQuoteFields"),
        (CSV, {"CSV": {"RecordDelimiter": ""}}, {}, "InvalidRequestParameter"),
        (CSV, {"CSV": {"QuoteEscapeCharacter": "ab"}}, {}, "InvalidRequestParameter"),
        ({"JSON": {}}, TO_JSON, {}, "InvalidJsonType"),
        ({"JSON": {"Type": "ARRAY"}}, TO_JSON, {}, "InvalidJsonType"),
        (CSV, TO_CSV, {"ScanRange": {}}, "InvalidScanRange"),
        (CSV, TO_CSV, {"ScanRange": {"Start": -1}}, "InvalidScanRange"),
        (CSV, TO_CSV, {"ScanRange": {"Start": 2, "End": 1}}, "InvalidScanRange"),
        (CSV, TO_CSV, {"ScanRange": {"Start": len(PEOPLE)}}, "InvalidScanRange"),
        (DOCUMENT, TO_CSV, {"ScanRange": {"Start": 0}}, "UnsupportedScanRangeInput"),
        ({"CSV": {"AllowQuotedRecordDelimiter": True}}, TO_CSV, {"ScanRange": {"Start": 0}}, "UnsupportedScanRangeInput"),
        ({**CSV, "CompressionType": "GZIP"}, TO_CSV, {"ScanRange": {"Start": 0}}, "UnsupportedScanRangeInput"),
    ],
)
def test_requests(door: Door, bucket: str, input_format: Any, output: Any, members: dict[str, Any], code: str) -> None:
    put(door.client, PEOPLE)
    with unchanged(door.fake):
        refused(partial(events, door.client, ALL, input_format, output, **members), *_error(code))


def test_columns_without_a_header(s3: Any, bucket: str) -> None:
    put(s3, PEOPLE)
    for input_format in (CSV, {"CSV": {"FileHeaderInfo": "IGNORE"}}):
        refused(
            lambda input_format=input_format: events(s3, "SELECT name FROM S3Object", input_format),
            *_error("EvaluatorBindingDoesNotExist"),
        )
    put(s3, b"a,A,b\n1,2,3\n")
    refused(lambda: events(s3, "SELECT a FROM S3Object", USE), *_error("AmbiguousFieldName"))


@pytest.mark.parametrize(
    ("body", "input_format", "sql", "code"),
    [
        (b"1\nx\n", CSV, "SELECT CAST(s._1 AS INT) FROM S3Object s", "CastFailed"),
        (b"1\n1.5\n", CSV, "SELECT CAST(s._1 AS INT) FROM S3Object s", "CastFailed"),
        (b"1\n\xd9\xa3\n", CSV, "SELECT CAST(s._1 AS INT) FROM S3Object s", "CastFailed"),
        (b"1\n9223372036854775808\n", CSV, "SELECT CAST(s._1 AS INT) FROM S3Object s", "IntegerOverflow"),
        (b"1\n1e400\n", CSV, "SELECT CAST(s._1 AS FLOAT) FROM S3Object s", "CastFailed"),
        (b"1\nx\n", CSV, "SELECT s._1 + 0 FROM S3Object s", "InvalidDataType"),
        (b"1\n9223372036854775807\n", CSV, "SELECT s._1 + 1 FROM S3Object s WHERE s._1 + 1 > 0", "IntegerOverflow"),
        (b"1\n0\n", CSV, "SELECT 1 / s._1 FROM S3Object s", "ExternalEvalException"),
        (b"1\n0\n", CSV, "SELECT 1.0 % s._1 FROM S3Object s", "ExternalEvalException"),
        (b"1\n0\n", CSV, "SELECT 1 / CAST(s._1 AS FLOAT) FROM S3Object s", "ExternalEvalException"),
        (b"1\n", CSV, "SELECT s._1 FROM S3Object s WHERE s._1", "InvalidDataType"),
        (b"1\n", CSV, "SELECT s._1 FROM S3Object s WHERE NOT s._1", "InvalidDataType"),
        (b"1\n", CSV, "SELECT s._1 FROM S3Object s WHERE s._1 OR TRUE", "InvalidDataType"),
        (b"1\n", CSV, "SELECT SUM(LOWER(s._1)) FROM S3Object s", "IncorrectSqlFunctionArgumentType"),
        (b"1\nx\n", CSV, "SELECT MAX(s._1) FROM S3Object s", "IncorrectSqlFunctionArgumentType"),
        (b"1\n", CSV, "SELECT LOWER(1) FROM S3Object s", "IncorrectSqlFunctionArgumentType"),
        (b"1\n", CSV, "SELECT SUBSTRING(s._1, 'x') FROM S3Object s", "IncorrectSqlFunctionArgumentType"),
        (b"1\n", CSV, "SELECT SUBSTRING(s._1, 1, -1) FROM S3Object s", "EvaluatorInvalidArguments"),
        (b"1\n", CSV, "SELECT s._1 FROM S3Object s WHERE 1 LIKE s._1", "LikeInvalidInputs"),
        (b"1\n", CSV, "SELECT s._1 FROM S3Object s WHERE s._1 LIKE '$a' ESCAPE '$'", "EvaluatorLikePatternInvalidEscapeSequence"),
        (b"1\n", CSV, "SELECT s._1 FROM S3Object s WHERE s._1 LIKE 'a' ESCAPE 'ab'", "EvaluatorLikePatternInvalidEscapeSequence"),
        (b"1\n", CSV, "SELECT TO_TIMESTAMP(s._1) FROM S3Object s", "ValueParseFailure"),
        (b"1\n", CSV, "SELECT CAST(s._1 AS TIMESTAMP) FROM S3Object s", "CastFailed"),
        (b"1\n", CSV, "SELECT TO_STRING(s._1, 'y') FROM S3Object s", "IncorrectSqlFunctionArgumentType"),
        (b"1\n", CSV, "SELECT TO_STRING(`2007T`, 'Q') FROM S3Object s", "EvaluatorInvalidTimestampFormatPatternSymbol"),
        (b"1\n", CSV, "SELECT TO_STRING(`2007T`, 'yyy') FROM S3Object s", "EvaluatorInvalidTimestampFormatPatternToken"),
        (b"1\n", CSV, "SELECT TO_STRING(`2007T`, 'y ''x') FROM S3Object s", "EvaluatorUnterminatedTimestampFormatPatternToken"),
        (b"1\n", CSV, "SELECT DATE_ADD(year, 9000, `2007T`) FROM S3Object s", "ExternalEvalException"),
        (b'a\n"b\n', CSV, ALL, "CSVParsingError"),
        (b'a\n"b\nc\n', {"CSV": {"AllowQuotedRecordDelimiter": True}}, ALL, "CSVParsingError"),
        (b'a\n"b"c\n', CSV, ALL, "CSVUnescapedQuote"),
        (b"a\n" + b"x" * (1024 * 1024 + 1), CSV, ALL, "OverMaxRecordSize"),
        (b"a\n" + b'"x\n' * 400_000, {"CSV": {"AllowQuotedRecordDelimiter": True}}, ALL, "CSVUnescapedQuote"),
        (b'a\n"' + b"x\n" * 600_000, {"CSV": {"AllowQuotedRecordDelimiter": True}}, ALL, "OverMaxRecordSize"),
        (b"x" * 1024 * 1024, CSV, "SELECT s._1 || 'y' FROM S3Object s", "OverMaxRecordSize"),
        (b"x" * 1024 * 600, CSV, "SELECT s._1, s._1 FROM S3Object s", "OverMaxRecordSize"),
        (b'{"a":1}\n{"a":}\n', LINES, ALL, "JSONParsingError"),
        (b'{"a":1}\n{"a":NaN}\n', LINES, ALL, "JSONParsingError"),
        (b'{"a":1}\n{"a":\n1}\n', LINES, ALL, "JSONParsingError"),
        (b"[" * 200_000, LINES, ALL, "JSONParsingError"),
        (b'{"a":' + b"9" * 5000 + b"}", LINES, ALL, "JSONParsingError"),
        (b'{"a":1}{"a":', DOCUMENT, ALL, "JSONParsingError"),
        (b'{"a":1,"A":2}', LINES, "SELECT s.a FROM S3Object s", "AmbiguousFieldName"),
        (b'{"a":[1]}', LINES, "SELECT CAST(s.a AS STRING) FROM S3Object s", "CastFailed"),
    ],
)  # fmt: skip
def test_records(s3: Any, bucket: str, body: bytes, input_format: Any, sql: str, code: str) -> None:
    put(s3, body)
    with pytest.raises(EventStreamError) as caught:
        events(s3, sql, input_format)
    assert caught.value.response["Error"] == dict(zip(("Code", "Message"), _error(code)[1:], strict=True))


@pytest.mark.parametrize(
    ("input_format", "body", "position"),
    [(CSV, b"ab\n\xff\n", 3), (LINES, b'{"a":\n"\xff"}', None), (DOCUMENT, b'{"a":"\xff"}', 6)],
)
def test_input_that_is_not_utf_8(s3: Any, bucket: str, input_format: Any, body: bytes, position: int | None) -> None:
    put(s3, body)
    with pytest.raises(EventStreamError) as caught:
        events(s3, ALL, input_format)
    if position is None:  # the line before is broken as well
        assert caught.value.response["Error"]["Code"] == "JSONParsingError"
        return
    message = f"UTF-8 encoding is required. The text encoding error was found near byte {position}."
    assert caught.value.response["Error"] == {"Code": "InvalidTextEncoding", "Message": message}


def test_numbers_too_large_for_a_float_are_still_numbers(s3: Any, bucket: str) -> None:
    put_lines(s3, [{"a": 10**400}])
    assert events(s3, ALL, LINES, TO_JSON)[0] == {"Records": {"Payload": b'{"a":1' + b"0" * 400 + b"}\n"}}
    put(s3, b'{"a":1e400}')
    assert events(s3, ALL, LINES, TO_JSON)[0] == {"Records": {"Payload": b'{"a":1E+400}\n'}}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("<SelectObjectContentRequest/>", "MalformedXML"),
        ("<SelectObjectContentRequest><Expression>SELECT</Expression></SelectObjectContentRequest>", "MalformedXML"),
        ("<Select/>", "MalformedXML"),
        ("", "MalformedXML"),
    ],
)
def test_documents(door: Door, bucket: str, document: str, code: str) -> None:
    put(door.client, RULES)
    response = door.raw("POST", "/bucket/key?select&select-type=2", body=document.encode())
    assert (response.status, response.error["Code"]) == (400, code)
