"""Properties of PostObject: every form gets a response, and rejected ones change nothing."""

from __future__ import annotations

import base64
import contextlib
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes3part.api.fakes3 import FakeS3
from fakes3part.message import Request
from tests.support.post_forms import BOUNDARY, HEADERS, body, form, signed
from tests.support.state import state

moderate = settings(
    max_examples=200,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Bucket:
    """A fake whose bucket is empty before each form."""

    def __init__(self) -> None:
        self.fake = FakeS3()
        with contextlib.closing(self.fake.client()) as s3:
            s3.create_bucket(Bucket="bucket")
        self.empty = self.fake.snapshot()

    def post(self, content: bytes, content_type: str = HEADERS["Content-Type"]) -> tuple[int, dict[str, bytes]]:
        """Post a form; return the status, one of S3's, and the objects: none after an error, one after a success."""
        self.fake.restore(self.empty)
        before = state(self.fake)
        headers = {"content-type": content_type, "content-length": str(len(content))}
        response = self.fake.handle(Request("POST", "localhost", "/bucket", headers=headers, body=content))
        assert response.status in (200, 201, 204, 303, 400, 403, 411, 412, 501)
        if response.status >= 400:
            assert state(self.fake) == before
        for name, value in response.headers:
            assert name.isascii()
            assert not set("\r\n\0") & set(name + value), (name, value)
            value.encode("latin-1")
        return response.status, self.stored()

    def stored(self) -> dict[str, bytes]:
        live = self.fake.store.buckets["bucket"].objects
        return {key: b"".join(map(bytes, live[key].data.segments)) for key in live}


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()


NAMES = st.sampled_from(
    [
        "key",
        "policy",
        "acl",
        "tagging",
        "success_action_status",
        "success_action_redirect",
        "Content-Type",
        "Content-MD5",
        "Cache-Control",
        "Expires",
        "bucket",
        "file",
        "signature",
        "AWSAccessKeyId",
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-signature",
        "x-amz-security-token",
        "x-amz-storage-class",
        "x-amz-meta-a",
        "x-amz-meta-",
        "x-amz-website-redirect-location",
        "x-amz-server-side-encryption",
        "x-amz-server-side-encryption-aws-kms-key-id",
        "x-amz-server-side-encryption-customer-key",
        "x-amz-server-side-encryption-bucket-key-enabled",
        "x-amz-object-lock-mode",
        "x-amz-object-lock-retain-until-date",
        "x-amz-checksum-crc32",
        "x-amz-checksum-xxhash3",
        "x-amz-checksum-foo",
        "x-amz-sdk-checksum-algorithm",
        "x-amz-grant-read",
        "x-amz-request-payer",
        "x-amz-expected-bucket-owner",
        "x-amz-write-offset-bytes",
        "x-amz-copy-source",
        "x-amz-content-sha256",
        "x-amz-decoded-content-length",
        "x-amz-trailer",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["201", "http://a.test/?b#c", "AES256", "aws:kms", "STANDARD", "${filename}", "e30=", "<Tagging/>", "1", "true", ""]
    ),
)
FIELDS = st.dictionaries(
    NAMES | st.text(st.characters(codec="utf-8", exclude_characters='"\r\n'), min_size=1, max_size=8), TEXTS, max_size=6
)


@moderate
@given(
    fields=FIELDS,
    data=st.binary(max_size=30),
    filename=st.none() | st.text(st.characters(codec="utf-8"), max_size=10),
    version=st.sampled_from([2, 4]),
)
def test_any_signed_fields(bucket: Bucket, fields: dict[str, str], data: bytes, filename: str | None, version: int) -> None:
    status, stored = bucket.post(form(signed({"key": "k", **fields}, version=version), data, filename))
    assert list(stored.values()) == ([data] if status < 400 else [])


@moderate
@given(fields=FIELDS, data=st.binary(max_size=30))
def test_any_unsigned_fields(bucket: Bucket, fields: dict[str, str], data: bytes) -> None:
    status, stored = bucket.post(form({"key": "k", **fields}, data))
    assert (status in (400, 403), stored) == (True, {})


PIECES = st.sampled_from(
    [
        f"--{BOUNDARY}\r\n".encode(),
        f"--{BOUNDARY}--\r\n".encode(),
        f"\r\n--{BOUNDARY}".encode(),
        b'Content-Disposition: form-data; name="key"\r\n\r\nk\r\n',
        b'Content-Disposition: form-data; name="file"; filename="a"\r\n\r\ndata\r\n',
        b"Content-Disposition: form-data; name*=UTF-8''x-amz-meta-a%0D%0Ab\r\n\r\n1\r\n",
        b'Content-Disposition: form-data; filename="\\',
        b"Content-Disposition: form-data\r\n",
        b"Content-Type: text/plain; charset=utf-7\r\n",
        b"\r\n",
        b"\r\n\r\n",
        b"\n\n",
        b"--",
        b"\xff\xfe",
    ]
)


@moderate
@given(content=st.lists(PIECES | st.binary(max_size=10), max_size=14).map(b"".join))
def test_any_bytes(bucket: Bucket, content: bytes) -> None:
    assert bucket.post(content)[0] in (400, 403)


@moderate
@given(
    content_type=st.text(st.characters(max_codepoint=255), max_size=30)
    | st.sampled_from(["boundary=", "; boundary=\xff", ";boundary*=x''%0d%0a"])
)
def test_any_content_type(bucket: Bucket, content_type: str) -> None:
    content = form(signed({"key": "k"}))
    assert bucket.post(content, content_type)[0] in (400, 412)
    assert bucket.post(content, f"multipart/form-data{content_type}")[0] in (400, 412)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["eq", "starts-with", "$key", "k", "content-length-range"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["key", "bucket", "expiration", "conditions", ""]), inner, max_size=3)
    ),
    max_leaves=12,
)


@moderate
@given(
    document=st.fixed_dictionaries(
        {"expiration": st.just("2099-01-01T00:00:00Z") | JSON, "conditions": st.lists(JSON, max_size=4) | JSON}
    )
    | JSON
)
def test_any_policy(bucket: Bucket, document: object) -> None:
    assert bucket.post(form(signed({"key": "k"}, json.dumps(document))))[0] in (400, 403)


@moderate
@given(text=st.text(max_size=40) | st.binary(max_size=40).map(lambda raw: base64.b64encode(raw).decode()))
def test_any_policy_text(bucket: Bucket, text: str) -> None:
    assert bucket.post(form({**signed({"key": "k"}), "policy": text}))[0] in (400, 403)


@moderate
@given(
    parts=st.lists(
        st.tuples(st.sampled_from(["key", "file", "File", "a"]), st.binary(max_size=5), st.none() | st.just("f")), max_size=5
    ),
    data=st.binary(max_size=200),
)
def test_the_file_s_bytes_arrive(bucket: Bucket, parts: list[tuple[str, bytes, str | None]], data: bytes) -> None:
    """The stored bytes are the file's, with any fields around it."""
    own = [(name, text, None) for name, text in signed({"key": "k"}).items()]
    content = body([*own, ("file", data, "f"), *parts])
    again = any(name.lower() == "file" for name, _, _ in parts)
    assert bucket.post(content) == ((400, {}) if again else (204, {"k": data}))
