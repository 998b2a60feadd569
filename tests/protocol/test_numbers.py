"""Numbers of any length, where requests have numbers: S3's own 4xx, and nothing is stored."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from fakes3part import FakeS3
from fakes3part.message import Request
from fakes3part.protocol.model import Operation, s3_model
from fakes3part.text import HUGE, whole_number
from tests.support.doors import Door, assert_error
from tests.support.errors import ENTITY_TOO_LARGE, INVALID_RANGE
from tests.support.signing import UNKNOWN_KEY, by_header
from tests.support.state import unchanged

DIGITS = "9" * 5000
ODD = [DIGITS, f"-{DIGITS}", f"+{DIGITS}", "0" * 5000, "-0", "1e9", "0x1", "1_0", "٣", "½", " 5", "5 ", "", "-", "NaN", "\ud800"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("007", 7),
        ("0" * 5000 + "7", 7),
        (str(2**63), 2**63),
        ("9" * 19, 10**19 - 1),
        ("1" + "0" * 19, HUGE),
        (DIGITS, HUGE),
        *((text, None) for text in ("", "-1", "+1", " 1", "1 ", "1_0", "٣", "²", "x", "1.0")),
    ],
    ids=lambda value: str(value)[:20],
)
def test_whole_numbers(text: str, number: int | None) -> None:
    assert whole_number(text) == number


def test_no_text_is_no_number() -> None:
    assert whole_number(None) is None


def _integers(operation: Operation, location: str) -> list[str]:
    return [
        member.wire_name or name
        for name, member in operation.input_shape.members()
        if member.location == location and member.type in ("integer", "long")
    ]


PARAMETERS = [
    (operation, location, name)
    for operation in s3_model().operations.values()
    for location in ("querystring", "header")
    for name in _integers(operation, location)
]


@pytest.fixture(scope="module")
def fake() -> FakeS3:
    fake = FakeS3()
    fake.seed({"bucket": {"k": b"abc"}})
    return fake


@pytest.mark.parametrize(
    ("operation", "location", "name"), PARAMETERS, ids=[f"{operation.name}-{name}" for operation, _, name in PARAMETERS]
)
def test_every_number_of_every_operation(fake: FakeS3, operation: Operation, location: str, name: str) -> None:
    path = {"service": "/", "bucket": "/bucket", "object": "/bucket/k"}[operation.level]
    query = {**operation.literals, **dict.fromkeys(operation.required_query, "u")}
    for text in ODD:
        sent = {**query, name: text} if location == "querystring" else query
        encoded = "&".join(f"{quote(key)}={quote(value, errors='surrogatepass')}" for key, value in sent.items())
        headers = {"content-length": "0", **dict.fromkeys(operation.required_headers, "x")}
        if location == "header":
            headers[name.lower()] = text
        response = fake.handle(Request(operation.method, "s3.amazonaws.com", path, encoded, headers))
        assert 200 <= response.status < 500 or response.status == 501, (text[:20], response.status)


# --- headers that the model has as texts -----------------------------------------------------------------------------


@pytest.mark.parametrize("spec", [f"{DIGITS}-", f"{DIGITS[:30]}-"])
def test_ranges_beyond_all_sizes(door: Door, bucket: str, spec: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    response = door.raw("GET", "/bucket/k", {"Range": f"bytes={spec}"})
    extras = {"RangeRequested": f"bytes={spec}", "ActualObjectSize": "3"}
    assert_error(response, 416, "InvalidRange", INVALID_RANGE, extras)


@pytest.mark.parametrize(
    ("spec", "shown"), [(f"1-{DIGITS}", "bytes 1-2/3"), (f"-{DIGITS}", "bytes 0-2/3"), ("0" * 5000 + "1-1", "bytes 1-1/3")]
)
def test_ranges_that_end_beyond_all_sizes(door: Door, bucket: str, spec: str, shown: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    response = door.raw("GET", "/bucket/k", {"Range": f"bytes={spec}"})
    assert (response.status, response.headers["content-range"]) == (206, shown)


def test_copied_ranges(door: Door, bucket: str) -> None:
    s3 = door.client
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="u")["UploadId"]
    for spec in (f"bytes=0-{DIGITS}", f"bytes={DIGITS}-9"):
        headers = {"x-amz-copy-source": "bucket/k", "x-amz-copy-source-range": spec}
        with unchanged(door.fake):
            response = door.raw("PUT", f"/bucket/u?uploadId={upload}&partNumber=1", headers)
        assert (response.status, response.error["Code"]) in [(400, "InvalidArgument"), (400, "InvalidRequest")]


def test_decoded_lengths(door: Door, bucket: str) -> None:
    request = by_header(door, "PUT", "/bucket/k", {"x-amz-decoded-content-length": DIGITS}, credentials=UNKNOWN_KEY)
    request.headers["X-Amz-Content-SHA256"] = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    with unchanged(door.fake):
        response = request.send()
    extras = {"ProposedSize": str(HUGE), "MaxSizeAllowed": "5368709120"}
    assert_error(response, 400, "EntityTooLarge", ENTITY_TOO_LARGE, extras)


@pytest.mark.parametrize("days", [DIGITS, f"-{DIGITS}", "2147483648", " ", "١"])
def test_numbers_in_documents(door: Door, bucket: str, days: str) -> None:
    document = (
        "<LifecycleConfiguration><Rule><ID>r</ID><Filter/><Status>Enabled</Status>"
        f"<Expiration><Days>{days}</Days></Expiration></Rule></LifecycleConfiguration>"
    ).encode()
    with unchanged(door.fake):
        response = door.raw("PUT", "/bucket?lifecycle", {"x-amz-checksum-crc32": "AAAAAA=="}, document)
        assert response.status == 400
