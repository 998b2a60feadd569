"""The meaning of SQL statements: over CSV, where all values are strings, and over JSON, with typed values."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.s3_select import CSV, DOCUMENT, PEOPLE, RULES, TO_JSON, USE, put, put_lines, rows, selected

ALL = 'Jane,30,Paris\nJoe,5,"New, York"\nZoe,,\nMax\n'


@pytest.mark.parametrize(
    ("sql", "lines"),
    [
        ("SELECT * FROM S3Object", ALL),
        ("select * from s3object s", ALL),
        ('SELECT * FROM S3Object[*] AS "S"', ALL),
        ("SELECT s.* FROM S3Object s LIMIT 1", "Jane,30,Paris\n"),
        ("SELECT name FROM S3Object LIMIT 2", "Jane\nJoe\n"),
        ("SELECT S.NAME, s._2 FROM S3Object s LIMIT 2", "Jane,30\nJoe,5\n"),
        ('SELECT s."name" FROM S3Object s LIMIT 1', "Jane\n"),
        ("SELECT S3Object.city, s3object._1 FROM S3Object LIMIT 1", "Paris,Jane\n"),
        ("SELECT s._1 FROM S3Object s LIMIT 0", ""),
        ("SELECT s._1 FROM S3Object s WHERE s._9 IS MISSING LIMIT 1", "Jane\n"),
        ("SELECT name FROM S3Object WHERE city IS MISSING", "Max\n"),
        ("SELECT name FROM S3Object WHERE city IS NULL", "Max\n"),
        ("SELECT name FROM S3Object WHERE city IS NOT NULL", "Jane\nJoe\nZoe\n"),
        ("SELECT name FROM S3Object WHERE city = ''", "Zoe\n"),
        ("SELECT name FROM S3Object WHERE name = 'Joe'", "Joe\n"),
        ("SELECT name FROM S3Object WHERE name <> 'Joe' AND name != 'Zoe'", "Jane\nMax\n"),
        ("SELECT name FROM S3Object WHERE name >= 'Joe' OR age = '30'", "Jane\nJoe\nZoe\nMax\n"),
        ("SELECT name FROM S3Object WHERE NOT name > 'Joe'", "Jane\nJoe\n"),
        # A string is compared with a number as a number; a string that is none is neither less nor greater.
        ("SELECT name FROM S3Object WHERE age > 6", "Jane\n"),
        ("SELECT name FROM S3Object WHERE 6 > age", "Joe\n"),
        ("SELECT name FROM S3Object WHERE age < '4'", "Jane\nZoe\n"),
        ("SELECT name FROM S3Object WHERE age BETWEEN 1 AND 10", "Joe\n"),
        ("SELECT name FROM S3Object WHERE age NOT BETWEEN 1 AND 10", "Jane\n"),
        ("SELECT name FROM S3Object WHERE age IN (5, 7)", "Joe\n"),
        ("SELECT name FROM S3Object WHERE age NOT IN (5, 7)", "Jane\nZoe\n"),
        ("SELECT name FROM S3Object WHERE name LIKE 'J%'", "Jane\nJoe\n"),
        ("SELECT name FROM S3Object WHERE name NOT LIKE 'J%'", "Zoe\nMax\n"),
        ("SELECT name FROM S3Object WHERE name LIKE '_o_'", "Joe\nZoe\n"),
        ("SELECT name FROM S3Object WHERE name LIKE 'j%'", ""),
        ("SELECT name FROM S3Object WHERE city LIKE '%w, Y%k'", "Joe\n"),
        ("SELECT CAST(age AS INT) + 1 FROM S3Object WHERE age > 0", "31\n6\n"),
        ("SELECT name FROM S3Object WHERE age <> '' AND CAST(age AS INT) > 6", "Jane\n"),
        ("SELECT age * 2, age / 4, age % 4, -age, 2 - age, age + 0.50 FROM S3Object LIMIT 1", "60,7,2,-30,-28,30.50\n"),
        ("SELECT name || '-' || city FROM S3Object LIMIT 1", "Jane-Paris\n"),
        ("SELECT CHAR_LENGTH(name), CHARACTER_LENGTH(city), LOWER(name), UPPER(name) FROM S3Object LIMIT 1", "4,5,jane,JANE\n"),
        ("SELECT COALESCE(s._3, 'nowhere') FROM S3Object s WHERE name = 'Max'", "nowhere\n"),
        ("SELECT NULLIF(name, 'Joe'), NULLIF(age, 5) FROM S3Object LIMIT 2", "Jane,30\n,\n"),
        ("SELECT CASE WHEN age < 18 THEN 'kid' WHEN age > 18 THEN 'grown' END FROM S3Object", "grown\nkid\n\n\n"),
        ("SELECT CASE name WHEN 'Joe' THEN 1 ELSE 0 END FROM S3Object LIMIT 2", "0\n1\n"),
        ("SELECT CASE age WHEN 5 THEN 'five' END FROM S3Object LIMIT 2", "\nfive\n"),
        ("SELECT COUNT(*) FROM S3Object", "4\n"),
        ("SELECT COUNT(s.city), COUNT(*) FROM S3Object s WHERE name LIKE '%o%'", "2,2\n"),
        ("SELECT MIN(age), MAX(age), SUM(age), AVG(age) FROM S3Object WHERE age > 0", "5,30,35,17.5\n"),
        ("SELECT SUM(CAST(age AS FLOAT)) / COUNT(*) AS mean FROM S3Object WHERE age > 0", "17.5\n"),
        ("SELECT SUM(age), COUNT(*) FROM S3Object WHERE name = 'nobody'", ",0\n"),
        ("SELECT COUNT(*) FROM S3Object LIMIT 0", ""),
        ("SELECT 1, 'it''s', TRUE, NULL, 1.50, 2e2 FROM S3Object LIMIT 1", "1,it's,true,,1.50,2E+2\n"),
        ("SELECT 1 + 2 * 3 - 4, (1 + 2) * 3, -(1), 7 / 2, -7 / 2, 7 % -4, 1.0 / 4 FROM S3Object LIMIT 1", "3,9,-1,3,-3,3,0.25\n"),
        ("SELECT 0.1 + 0.2, 1 / 3.0 FROM S3Object LIMIT 1", f"0.3,0.{'3' * 38}\n"),
        ("SELECT 1 = 1 AND NOT 2 > 3 OR NULL FROM S3Object LIMIT 1", "true\n"),
        ("SELECT NULL AND FALSE, NULL OR FALSE, NOT NULL, NULL = NULL FROM S3Object LIMIT 1", "false,,,\n"),
        ("SELECT name /* a comment */ FROM S3Object -- another\nLIMIT 1", "Jane\n"),
        ("SELECT name AS n, age years FROM S3Object LIMIT 1", "Jane,30\n"),
    ],
)  # fmt: skip
def test_over_csv(s3: Any, bucket: str, sql: str, lines: str) -> None:
    put(s3, PEOPLE)
    assert selected(s3, sql, USE) == lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CAST('12' AS INT)", 12),
        ("CAST('-12' AS INTEGER)", -12),
        ("CAST(12.9 AS INT)", 12),
        ("CAST(-12.9 AS INT)", -12),
        ("CAST(TRUE AS INT)", 1),
        ("CAST('1.23456' AS DECIMAL)", 1.23456),
        ("CAST('1.5' AS NUMERIC) * 2", 3.0),
        ("CAST('1.5e3' AS FLOAT)", 1500.0),
        ("CAST(2 AS FLOAT)", 2.0),
        ("CAST(15 AS STRING) || '!'", "15!"),
        ("CAST(FALSE AS STRING)", "false"),
        ("CAST('TRUE' AS BOOL)", True),
        ("CAST(0 AS BOOLEAN)", False),
        ("CAST(NULL AS INT)", None),
        ("CAST('2007-04-05T14:30Z' AS TIMESTAMP)", "2007-04-05T14:30Z"),
        ("CAST(`2007T` AS STRING)", "2007T"),
        ("SUBSTRING('123456789', 0)", "123456789"),
        ("SUBSTRING('123456789', 1)", "123456789"),
        ("SUBSTRING('123456789', 2)", "23456789"),
        ("SUBSTRING('123456789', -4)", "123456789"),
        ("SUBSTRING('123456789', 0, 999)", "123456789"),
        ("SUBSTRING('123456789', 1, 5)", "12345"),
        ("SUBSTRING('123456789', -1, 4)", "12"),
        ("SUBSTRING('123456789' FROM 2 FOR 3)", "234"),
        ("SUBSTRING('123456789' FROM 8)", "89"),
        ("TRIM('       foobar         ')", "foobar"),
        ("TRIM(LEADING FROM '   foobar   ')", "foobar   "),
        ("TRIM(TRAILING FROM '   foobar   ')", "   foobar"),
        ("TRIM(BOTH FROM '  foobar ')", "foobar"),
        ("TRIM(BOTH '12' FROM '1112211foobar22211122')", "foobar"),
        ("TRIM('12' FROM '1212x')", "x"),
        ("'%' LIKE '$%' ESCAPE '$'", True),
        ("'a' LIKE '$%' ESCAPE '$'", False),
        ("'a_c' LIKE 'a\\_c' ESCAPE '\\'", True),
        ("'abc' NOT LIKE 'a\\_c' ESCAPE '\\'", True),
        ("NULL LIKE 'a'", None),
        ("COALESCE(NULL, MISSING, 1)", 1),
        ("COALESCE(NULL)", None),
        ("LOWER(NULL)", None),
        ("1 IN (2, NULL)", None),
        ("1 IN (2, NULL, 1)", True),
        ("1 BETWEEN 2 AND NULL", False),
        ("1 BETWEEN 0 AND NULL", None),
        ("'a' = 1", False),
        ("'a' <> 1", True),
        ("'a' < 1", None),
        ("TRUE = 'true'", False),
        ("1 = 1.0", True),
        ("9223372036854775806 + 1", 9223372036854775807),
    ],
)
def test_expressions_of_constants(s3: Any, bucket: str, text: str, expected: object) -> None:
    put_lines(s3, [{}])
    ((value,),) = (row.values() for row in rows(s3, f"SELECT {text} FROM S3Object"))
    assert (value, type(value)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DATE_ADD(year, 5, `2010-01-01T`)", "2015-01-01"),
        ("DATE_ADD(month, 1, `2010T`)", "2010-02T"),
        ("DATE_ADD(month, 13, `2010T`)", "2011-02T"),
        ("DATE_ADD(month, 1, `2011-01-31T`)", "2011-02-28"),
        ("DATE_ADD(day, -1, `2017-01-10T`)", "2017-01-09"),
        ("DATE_ADD(hour, 1, `2017T`)", "2017-01-01T01:00-00:00"),
        ("DATE_ADD(hour, 1, `2017-01-02T03:04Z`)", "2017-01-02T04:04Z"),
        ("DATE_ADD(minute, 1, `2017-01-02T03:04:05.006Z`)", "2017-01-02T03:05:05.006Z"),
        ("DATE_ADD(second, 1, `2017-01-02T03:04:05.006Z`)", "2017-01-02T03:04:06.006Z"),
        ("DATE_DIFF(year, `2010-01-01T`, `2011-01-01T`)", 1),
        ("DATE_DIFF(year, `2010-12T`, `2011-01T`)", 0),
        ("DATE_DIFF(month, `2010-01-01T`, `2010-05T`)", 4),
        ("DATE_DIFF(month, `2010T`, `2011T`)", 12),
        ("DATE_DIFF(month, `2011T`, `2010T`)", -12),
        ("DATE_DIFF(day, `2010-01-01T23:00`, `2010-01-02T01:00`)", 0),
        ("DATE_DIFF(minute, `2010-01-01T23:00+01:00`, `2010-01-01T23:00Z`)", 60),
        ("EXTRACT(YEAR FROM `2010-01-01T`)", 2010),
        ("EXTRACT(MONTH FROM `2010T`)", 1),
        ("EXTRACT(MONTH FROM `2010-10T`)", 10),
        ("EXTRACT(HOUR FROM `2017-01-02T03:04:05+07:08`)", 3),
        ("EXTRACT(MINUTE FROM `2017-01-02T03:04:05+07:08`)", 4),
        ("EXTRACT(SECOND FROM `2017-01-02T03:04:05+07:08`)", 5),
        ("EXTRACT(TIMEZONE_HOUR FROM `2017-01-02T03:04:05+07:08`)", 7),
        ("EXTRACT(TIMEZONE_MINUTE FROM `2017-01-02T03:04:05-07:08`)", -8),
        ("TO_STRING(`1969-07-20T20:18Z`, 'MMMM d, y')", "July 20, 1969"),
        ("TO_STRING(`1969-07-20T20:18Z`, 'MMM d, yyyy')", "Jul 20, 1969"),
        ("TO_STRING(`1969-07-20T20:18Z`, 'M-d-yy')", "7-20-69"),
        ("TO_STRING(`1969-07-20T20:18Z`, 'MM-d-y')", "07-20-1969"),
        ("TO_STRING(`1969-07-20T20:18Z`, 'MMMM d, y h:m a')", "July 20, 1969 8:18 PM"),
        ("TO_STRING(`1969-07-20T20:18Z`, 'y-MM-dd''T''H:m:ssX')", "1969-07-20T20:18:00Z"),
        ("TO_STRING(`1969-07-20T20:18:09.12+08:30`, 'HH.mm.s SSS n X XXXX XXXXX')", "20.18.9 120 120000000 +08 +0830 +08:30"),
        ("TO_STRING(`1969-07-20T00:18Z`, 'hh a x xxxx xxxxx MMMMM')", "12 AM +00 +0000 +00:00 J"),
        ("TO_TIMESTAMP('2007T')", "2007T"),
        ("TO_TIMESTAMP('2007-02-23T12:14:33.079-08:00')", "2007-02-23T12:14:33.079-08:00"),
        ("TO_TIMESTAMP('2007-02-23')", "2007-02-23"),
        ("`2007-02-23T12:00Z` = `2007-02-23T14:00+02:00`", True),
        ("`2007-02-23T12:00Z` < `2007-02-23T12:00:00.001Z`", True),
        ("EXTRACT(TIMEZONE_HOUR FROM `2007T`)", None),
    ],
)  # fmt: skip
def test_timestamps(s3: Any, bucket: str, text: str, expected: object) -> None:
    put_lines(s3, [{}])
    assert rows(s3, f"SELECT {text} AS x FROM S3Object") == [{"x": expected}]


def test_utcnow_is_the_time_of_the_clock(door: Any, bucket: str) -> None:
    put_lines(door.client, [{}])
    door.fake.clock.freeze("2031-05-06T07:08:09.123456Z")
    sql = "SELECT UTCNOW() AS x, UTCNOW() > `2031T` AS late FROM S3Object"
    assert rows(door.client, sql) == [{"x": "2031-05-06T07:08:09.123Z", "late": True}]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT id FROM S3Object[*].Rules[*].id", [{"id": "1"}, {}, {"id": "2"}, {}]),
        ("SELECT id FROM S3Object[*].Rules[*].id WHERE id IS NOT MISSING", [{"id": "1"}, {"id": "2"}]),
        ("SELECT r.expr FROM S3Object[*].Rules[*] r WHERE r.id = '2'", [{"expr": "z = DEBUG"}]),
        ("SELECT s.rules[1].expr FROM S3Object s WHERE s.Rules IS NOT MISSING", [{"expr": "y > x"}]),
        ("SELECT s.Rules[9].expr, s.Rules[0]['id'] FROM S3Object s LIMIT 1", [{"id": "1"}]),
        ("SELECT s.Rules[0] FROM S3Object s LIMIT 1", [{"_1": {"id": "1"}}]),
        ("SELECT * FROM S3Object[*].Rules[0]", [{"id": "1"}, {}]),
        ("SELECT * FROM S3Object[*].Rules[*].id", [{"_1": "1"}, {}, {"_1": "2"}, {}]),
        ('SELECT s."rules" FROM S3Object s', [{}, {}]),
        ("SELECT _1.created FROM S3Object[*] WHERE _1.modified = 'July 6'", [{"created": "June 27"}]),
        ("SELECT created AS c, 1 FROM S3Object WHERE created LIKE 'June%'", [{"c": "June 27", "_2": 1}]),
        ("SELECT COUNT(*) AS n, COUNT(r.id) FROM S3Object[*].Rules[*] r", [{"n": 4, "_2": 2}]),
        ("SELECT * FROM S3Object[*].* x WHERE x = 'July 6'", [{"_1": "July 6"}]),
        ("SELECT * FROM S3Object[*].modified m WHERE m LIKE 'July%'", [{"_1": "July 6"}]),
    ],
)  # fmt: skip
def test_over_json(s3: Any, bucket: str, sql: str, expected: Any) -> None:
    put(s3, RULES)
    assert rows(s3, sql) == expected


def test_each_record_has_its_own_types(s3: Any, bucket: str) -> None:
    documents = [{"a": 1}, {"a": "1"}, {"a": 1.0}, {"a": None}, {}, {"a": True}, {"a": [1]}, {"a": {"b": 1}}]
    put_lines(s3, documents)
    assert rows(s3, "SELECT * FROM S3Object") == documents
    assert rows(s3, "SELECT s.a FROM S3Object s WHERE s.a = 1") == [{"a": 1}, {"a": 1.0}]
    assert rows(s3, "SELECT s.a FROM S3Object s WHERE s.a = '1'") == [{"a": "1"}]
    assert rows(s3, "SELECT s.a FROM S3Object s WHERE s.a > 0") == [{"a": 1}, {"a": 1.0}]
    assert rows(s3, "SELECT s.a FROM S3Object s WHERE s.a IS NULL") == [{"a": None}, {}]
    assert rows(s3, "SELECT s.a FROM S3Object s WHERE s.a IS MISSING") == [{}]
    assert rows(s3, "SELECT s.a FROM S3Object s WHERE s.a = TRUE") == [{"a": True}]
    assert rows(s3, "SELECT COUNT(s.a) FROM S3Object s") == [{"_1": 6}]


def test_numbers_keep_their_digits(s3: Any, bucket: str) -> None:
    text = '{"a":1.10,"b":12345678901234567890123,"c":0.1}\n'
    put(s3, text.encode())
    assert selected(s3, "SELECT * FROM S3Object", {"JSON": {"Type": "LINES"}}, TO_JSON) == text
    sql = "SELECT s.a + s.c, s.a * 2, s.b FROM S3Object s"
    assert selected(s3, sql, {"JSON": {"Type": "LINES"}}, {"CSV": {}}) == "1.20,2.20,12345678901234567890123\n"


def test_documents_and_the_elements_of_an_array(s3: Any, bucket: str) -> None:
    put(s3, b'[\n {"a": 1},\n {"a": 2}\n]\n')
    assert rows(s3, "SELECT * FROM S3Object", DOCUMENT) == [{"_1": [{"a": 1}, {"a": 2}]}]
    assert rows(s3, "SELECT * FROM S3Object[*][*]", DOCUMENT) == [{"a": 1}, {"a": 2}]
    assert rows(s3, "SELECT s.a FROM S3Object[*][*] s WHERE s.a > 1", DOCUMENT) == [{"a": 2}]


def test_names_in_json_of_csv(s3: Any, bucket: str) -> None:
    put(s3, PEOPLE)
    assert rows(s3, "SELECT * FROM S3Object LIMIT 1", USE) == [{"name": "Jane", "age": "30", "city": "Paris"}]
    assert rows(s3, "SELECT * FROM S3Object LIMIT 1", CSV) == [{"_1": "name", "_2": "age", "_3": "city"}]
    assert rows(s3, "SELECT s.NAME, s._2, age + 1, city c FROM S3Object s LIMIT 1", USE) == [
        {"NAME": "Jane", "_2": "30", "_3": 31, "c": "Paris"}
    ]
    assert rows(s3, "SELECT _4, name FROM S3Object WHERE name = 'Max'", USE) == [{"name": "Max"}]
