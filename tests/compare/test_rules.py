"""The rules: which values count as the same, what is learnt from two responses, and how a request is translated."""

from __future__ import annotations

import base64
import hashlib
import zlib
from typing import Any

import pytest

from fakes3part.compare import report
from fakes3part.compare.answers import Answer, Content
from fakes3part.compare.calls import ComparedCall, Outcome, shown_target
from fakes3part.compare.correspondence import Correspondence
from fakes3part.compare.differences import Difference, compare
from fakes3part.compare.redactor import Redactor
from fakes3part.compare.signing import Credentials
from fakes3part.compare.translate import Untranslatable, address_of, translate
from fakes3part.compare.volatile import has_same_times, location_path
from fakes3part.message import Payload, Request

TIMES = [
    ("2026-02-21T00:00:00.000Z", "2026-02-21T00:14:59.000Z", True),
    ("2026-02-21T00:00:00.000Z", "2026-02-21T00:15:01.000Z", False),
    ("2026-02-21T00:00:00.000Z", "2026-02-21T00:00:00.123Z", True),
    ("2026-02-21T00:00:00.000Z", "2026-02-21T00:00:00Z", False),
    ("Sat, 21 Feb 2026 00:00:00 GMT", "Sat, 21 Feb 2026 00:00:09 GMT", True),
    ("Sat, 21 Feb 2026 00:00:00 GMT", "2026-02-21T00:00:00.000Z", False),
    (
        'expiry-date="Sat, 21 Feb 2026 00:00:00 GMT", rule-id="a"',
        'expiry-date="Sat, 21 Feb 2026 00:00:01 GMT", rule-id="a"',
        True,
    ),
    (
        'expiry-date="Sat, 21 Feb 2026 00:00:00 GMT", rule-id="a"',
        'expiry-date="Sat, 21 Feb 2026 00:00:01 GMT", rule-id="b"',
        False,
    ),
    ("a", "b", False),
    ("", "Sat, 21 Feb 2026 00:00:00 GMT", False),
    ("2026-99-99T00:00:00.000Z", "2026-99-99T00:00:01.000Z", False),
]


@pytest.mark.parametrize(("fake", "real", "same"), TIMES)
def test_times(fake: str, real: str, same: bool) -> None:
    assert has_same_times(fake, real) is same


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/bucket", "/bucket"),
        ("http://bucket.s3.amazonaws.com/", "/bucket/"),
        ("https://bucket.s3.eu-west-1.amazonaws.com/a/b", "/bucket/a/b"),
        ("http://127.0.0.1:9000/bucket/k", "/bucket/k"),
    ],
)
def test_locations(text: str, path: str) -> None:
    assert location_path(text) == path


def answer(status: int = 200, body: str = "", **headers: str) -> Answer:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Answer(status, named, Content.of([body.encode()]))


ERROR = "<Error><Code>{}</Code><Message>{}</Message>{}</Error>"
COMPARISONS: list[tuple[Answer, Answer, list[tuple[str, str | None, str | None]]]] = [
    (answer(204), answer(200), [("status", "204", "200")]),
    (answer(x_amz_a="1"), answer(X_Amz_A="1"), []),
    (answer(content_length="5"), answer(content_length="6"), []),
    (
        answer(403, ERROR.format("A", "a", ""), x="1"),
        answer(403, ERROR.format("B", "b", "<Extra/>")),
        [("code", "A", "B"), ("message", "a", "b")],
    ),
    (answer(403, ERROR.format("A", "a", "<Key>k</Key>")), answer(403, ERROR.format("A", "a", "")), [("<Key>", "k", None)]),
    (answer(403, ERROR.format("A", "a", "<RequestId>1</RequestId>")), answer(403, ERROR.format("A", "a", "")), []),
    (answer(200, "<A><B>1</B><C>2</C></A>"), answer(200, '<A xmlns="x"><C>2</C><B>1</B></A>'), []),
    (
        answer(200, "<A><B>1</B><B>2</B></A>"),
        answer(200, "<A><B>2</B><B>1</B></A>"),
        [("<B[1]>", "1", "2"), ("<B[2]>", "2", "1")],
    ),
    (answer(200, "<A><B>1</B></A>"), answer(200, "<A><B>1</B><B>2</B></A>"), [("<B[2]>", None, "2")]),
    (
        answer(200, "<T><Tag><Key>a</Key></Tag><Tag><Key>b</Key></Tag></T>"),
        answer(200, "<T><Tag><Key>b</Key></Tag><Tag><Key>a</Key></Tag></T>"),
        [],
    ),
    (answer(200, '{"a": 1, "b": ["x"]}'), answer(200, '{"b":["x"],"a":1}'), []),
    (answer(200, '{"a": 1}'), answer(200, '{"a":2}'), [("<a>", "1", "2")]),
    (answer(200, "<A/>"), answer(200, "<B/>"), [("root element", "A", "B")]),
    (
        answer(200, "<A/>"),
        answer(200, "no xml"),
        [("body", "4 bytes, sha256 4f6031c3735a...", "6 bytes, sha256 c3e81fcf3a3d...")],
    ),
    (answer(200, "<A><VersionId>v1</VersionId></A>"), answer(200, "<A><VersionId>w1</VersionId></A>"), []),
    (
        answer(200, "<A><VersionId>null</VersionId></A>"),
        answer(200, "<A><VersionId>w1</VersionId></A>"),
        [("<VersionId>", "null", "w1")],
    ),
    (answer(etag='"1"'), answer(etag='"2"'), [("header etag", '"1"', '"2"')]),
    (
        answer(etag='"1"', x_amz_server_side_encryption="aws:kms"),
        answer(etag='"2"', x_amz_server_side_encryption="aws:kms"),
        [],
    ),
    (
        answer(access_control_allow_origin="*", vary="Origin", server="a", date="x", x_amz_request_id="1"),
        answer(server="b"),
        [],
    ),
]


@pytest.mark.parametrize(("fake", "real", "expected"), COMPARISONS)
def test_comparisons(fake: Answer, real: Answer, expected: list[Any]) -> None:
    assert [tuple(difference) for difference in compare(fake, real, Correspondence())] == expected


def test_the_bytes_of_a_download_are_no_document() -> None:
    fake, real = answer(200, "<A><B>1</B></A>"), answer(200, "<A> <B>1</B></A>")
    assert compare(fake, real, Correspondence(), operation="ListObjects") == []
    assert [found.where for found in compare(fake, real, Correspondence(), operation="GetObject")] == ["body"]


def test_a_value_has_one_partner() -> None:
    pairs = Correspondence()
    pairs.add("fake-1", "real-1")
    for fake, real in (("fake-1", "real-2"), ("fake-2", "real-1"), ("null", "real-3"), ("fake-3", "")):
        pairs.add(fake, real)
    assert (pairs.values_of("real"), pairs.values_of("fake")) == ({"fake-1": "real-1"}, {"real-1": "fake-1"})


VALUES = {"fakeupload": "real/upload", "fakeversion": "realversion", "e" * 32: "f" * 32, "123456789012": "210987654321"}


def translated(
    method: str, path: str, query: str = "", headers: dict[str, str] | None = None, body: bytes = b"", host: str = "h"
) -> Request:
    request = Request(method, host, path, query, headers or {}, body)
    rename = lambda name: None if name == "ab" else f"T-{name}"  # noqa: E731
    return translate(request, address_of(request), rename, VALUES, is_document=b"<" in body or b"{" in body)


PATHS = [
    ("h", "/", "/"),
    ("h", "/bucket", "/T-bucket"),
    ("h", "/bucket/", "/T-bucket/"),
    ("h", "/bucket/a%20b//c", "/T-bucket/a%20b//c"),
    ("h", "/bucket//a", "/T-bucket//a"),
    ("bucket.s3.amazonaws.com", "/", "/T-bucket/"),
    ("bucket.s3.amazonaws.com", "//a", "/T-bucket//a"),
    ("bucket.s3.amazonaws.com", "/a%2Fb", "/T-bucket/a%2Fb"),
]


@pytest.mark.parametrize(("host", "path", "expected"), PATHS)
def test_paths(host: str, path: str, expected: str) -> None:
    assert translated("GET", path, host=host).path == expected


HEADERS = [
    ("if-match", f'"{"e" * 32}"', f'"{"f" * 32}"'),
    ("if-match", '"other"', '"other"'),
    ("x-amz-copy-source", "bucket/a%20b", "T-bucket/a%20b"),
    ("x-amz-copy-source", "/bucket/k?versionId=fakeversion", "T-bucket/k?versionId=realversion"),
    ("x-amz-copy-source", "bucket%2Fk", "T-bucket/k"),
    ("x-amz-expected-bucket-owner", "123456789012", "210987654321"),
    ("x-amz-expected-bucket-owner", "111122223333", "111122223333"),
    ("x-amz-grant-read", 'id="fakeversion"', 'id="realversion"'),
    ("x-amz-meta-a", "fakeversion", "fakeversion"),
]


@pytest.mark.parametrize(("name", "value", "expected"), HEADERS)
def test_headers(name: str, value: str, expected: str) -> None:
    assert translated("PUT", "/bucket/k", headers={name: value}).headers[name] == expected


def test_the_query() -> None:
    query = translated("PUT", "/bucket/k", "partNumber=1&uploadId=fakeupload&x=%2F&uploads").query
    assert query == "partNumber=1&uploadId=real%2Fupload&x=%2F&uploads"


def test_a_document_and_its_digests() -> None:
    body = (
        b"<A><VersionId>fakeversion</VersionId><ETag>&quot;" + b"e" * 32 + b"&quot;</ETag><TargetBucket>logs</TargetBucket></A>"
    )
    headers = {
        "content-md5": base64.b64encode(hashlib.md5(body).digest()).decode(),
        "x-amz-checksum-crc32": base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode(),
        "x-amz-content-sha256": hashlib.sha256(body).hexdigest(),
        "content-length": str(len(body)),
    }
    made = translated("PUT", "/bucket", "logging", headers, body)
    data = made.payload.data
    expected = (
        b"<A><VersionId>realversion</VersionId><ETag>&quot;" + b"f" * 32 + b"&quot;</ETag><TargetBucket>T-logs</TargetBucket></A>"
    )
    assert data == expected
    assert made.headers["content-md5"] == base64.b64encode(hashlib.md5(data).digest()).decode()
    assert made.headers["x-amz-checksum-crc32"] == base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()
    assert made.headers["x-amz-content-sha256"] == hashlib.sha256(data).hexdigest()
    assert made.headers["content-length"] == str(len(data))


def test_wrong_digests_stay_wrong() -> None:
    headers = {"content-md5": "wrong", "x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
    made = translated("PUT", "/bucket", "policy", headers, b'{"Resource": "arn:aws:s3:::bucket/*"}')
    assert made.payload.data == b'{"Resource": "arn:aws:s3:::T-bucket/*"}'
    assert made.headers == headers


def test_the_account_in_a_policy() -> None:
    policy = b'{"Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Resource": "arn:aws:s3:::bucket"}'
    made = translated("PUT", "/bucket", "policy", body=policy).payload.data
    assert made == b'{"Principal": {"AWS": "arn:aws:iam::210987654321:root"}, "Resource": "arn:aws:s3:::T-bucket"}'


def test_the_bytes_of_an_object_stay() -> None:
    assert translated("PUT", "/bucket/k", body=b"fakeversion").payload.data == b"fakeversion"


def test_framing() -> None:
    payload = Payload(b"abc", {"x-amz-checksum-crc32": "NSRBwg=="})
    request = Request("PUT", "h", "/bucket/k", read=lambda: payload)
    framed, bare = (
        translate(request, address_of(request), str, {}, is_document=False, keeps_framing=keeps).payload
        for keeps in (True, False)
    )
    assert framed == Payload(b"3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n")
    assert bare == payload


REFUSED = [
    (Request("GET", "h", "/ab"), "the bucket name 'ab' cannot carry the prefix of this run"),
    (Request("GET", "h", "/%ff"), "the path is not UTF-8"),
    (Request("GET", "b.s3-website-us-east-1.amazonaws.com", "/"), "website endpoints are not compared"),
    (Request("GET", "h", "/b--usw2-az1--x-s3/k"), "access points and directory buckets are not compared"),
    (
        Request("GET", "h", "/arn%3Aaws%3As3%3Aus-east-1%3A1%3Aaccesspoint%2Fa/k"),
        "access points and directory buckets are not compared",
    ),
]


@pytest.mark.parametrize(("request_", "reason"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_cannot_be_translated(request_: Request, reason: str) -> None:
    with pytest.raises(Untranslatable) as caught:
        translate(request_, address_of(request_), lambda name: None, {}, is_document=False)
    assert str(caught.value) == reason


def test_redaction() -> None:
    credentials = Credentials("AKIAREALREALREALREAL", "s" * 40, "t" * 100, "210987654321")
    redactor = Redactor(credentials)
    owner = "a" * 64
    body = f"<A><Owner><ID>{owner}</ID><DisplayName>joe</DisplayName></Owner><RequestId>R</RequestId></A>"
    redactor.learn(answer(200, body, x="arn:aws:kms:us-east-1:333344445555:key/1"), {}, None)
    made = redactor.body(body.encode())
    assert made is not None
    text = made.decode()
    assert owner not in text
    assert "<DisplayName>owner</DisplayName>" in text
    assert "<RequestId>***</RequestId>" in text
    assert redactor.text(f"id={owner}") in f"id={text}" or redactor.text(owner) in text
    assert redactor.text("arn:aws:iam::210987654321:user/joe denied") == "arn:aws:iam::123456789012:user/user denied"
    assert redactor.text("arn:aws:kms:us-east-1:333344445555:key/1") == "arn:aws:kms:us-east-1:123456789012:key/1"
    assert redactor.text(f"{credentials.access_key} {credentials.secret} {credentials.token}") == "AKIAIOSFODNN7EXAMPLE *** ***"
    assert redactor.body(f"raw {credentials.secret}".encode()) is None
    assert redactor.body(b"raw") == b"raw"
    assert redactor.headers({"authorization": "x", "x-amz-meta-a": "1"}) == {"x-amz-meta-a": "1"}


def test_short_keys_are_no_secrets() -> None:
    assert Redactor(Credentials("a", "testing")).text("a testing") == "a testing"


def call(number: int, differences: list[Difference], reason: str = "", **values: Any) -> dict[str, Any]:
    real = None if reason else Outcome(200)
    made = ComparedCall("t", "PutObject", "PUT", "b/k", Outcome(200), real, reason, differences, number=number, **values)
    return made.to_json()


def test_a_report_is_short() -> None:
    """Each kind is shown once, the most frequent headers first, at most so many."""
    headers = [Difference(f"header x-{number}", "1", None) for number in range(30)]
    calls = [call(number, headers[: number + 1]) for number in range(30)]
    calls += [call(40 + number, [Difference("status", "200", "418")]) for number in range(100)]
    lines = report.lines(calls)
    assert lines[:4] == ["t", "  PutObject b/k  (and 99 more calls like this)", "    fake  200", "    real  200"]
    assert lines[4:7] == ["headers and elements", "  header x-0  (30 calls: PutObject)", "    fake '1'  real absent"]
    assert lines[-1] == "  ... and 20 more, which the JSON report has"
    assert len(lines) == 26


def test_the_summary() -> None:
    calls = [call(1, []), *(call(2 + number, [], f"reason {number % 4}") for number in range(10))]
    assert report.summary(calls, "aws") == (
        "1 call compared with aws: no difference. 10 calls not compared (3: reason 0; 3: reason 1; 2: reason 2; 1 other reason)."
    )
    assert report.summary([], "aws") == "No call was compared with aws."
    assert report.summary([call(1, [], "reason")], "aws") == "No call was compared with aws. 1 call not compared (1: reason)."
    assert not report.is_equal([call(1, [], "reason")])
    assert not report.is_equal([call(1, [Difference("status", "200", "418")])])
    assert report.is_equal([call(1, []), call(1, [], "reason")])


@pytest.mark.parametrize(
    ("path", "query", "shown"),
    [
        ("/", "x-id=ListBuckets", "/"),
        ("/bucket/", "list-type=2&prefix=a&encoding-type=url", "bucket?prefix=a"),
        ("/bucket/a%20b/", "", "bucket/a b/"),
        ("/bucket/k", f"uploadId={'u' * 100}&partNumber=1", f"bucket/k?uploadId={'u' * 15}…&partNumber=1"),
        ("/bucket/k", "X-Amz-Signature=s&X-Amz-Credential=c&versionId=v", "bucket/k?versionId=v"),
    ],
)
def test_targets_for_people(path: str, query: str, shown: str) -> None:
    assert shown_target(path, query) == shown
