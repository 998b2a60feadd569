"""Any combination of encryption headers gets a response of S3 or a clear 501, and errors store nothing."""

from __future__ import annotations

from base64 import b64encode
from hashlib import md5
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes3part.api.fakes3 import FakeS3
from fakes3part.message import Request
from tests.support.encryption import KEY_ARN, KEY_ID, SSE
from tests.support.state import SIGNED, state

KEYS = [b"k" * 32, b"l" * 32, b"short", b""]
garbage = st.text(st.characters(max_codepoint=255), max_size=40)
flags = st.sampled_from(["true", "false", "TRUE", "", "yes"])
methods = st.sampled_from(["AES256", "aws:kms", "aws:kms:dsse", "aws:fsx", "NONE", "SSE-C", ""])
names = st.sampled_from(
    [KEY_ID, KEY_ARN, KEY_ARN.replace("us-east-1", "us-east-2"), KEY_ARN.replace("123456789012", "0" * 12), "alias/aws/s3", "x"]
)
algorithms = st.sampled_from(["AES256", "KMS", "aes256", ""])
keys = st.sampled_from(KEYS).map(lambda key: b64encode(key).decode())
digests = st.sampled_from(KEYS).map(lambda key: b64encode(md5(key).digest()).decode())
contexts = st.sampled_from([b"{}", b'{"a":"b"}', b'{"a":1}', b"[]", b"\xff"]).map(lambda text: b64encode(text).decode())
_OBJECT, _SOURCE = f"{SSE}-customer-", "x-amz-copy-source-server-side-encryption-customer-"

HEADERS = {
    SSE: methods,
    f"{SSE}-aws-kms-key-id": names,
    f"{SSE}-context": contexts,
    f"{SSE}-bucket-key-enabled": flags,
    **{
        f"{prefix}{name}": values
        for prefix in (_OBJECT, _SOURCE)
        for name, values in {"algorithm": algorithms, "key": keys, "key-md5": digests}.items()
    },
}
sent = st.fixed_dictionaries({}, optional={name: values | garbage for name, values in HEADERS.items()})
OPERATIONS: dict[str, tuple[str, str, dict[str, str]]] = {
    "PutObject": ("PUT", "/bucket/new", {}),
    "GetObject": ("GET", "/bucket/{key}", {}),
    "HeadObject": ("HEAD", "/bucket/{key}", {}),
    "GetObjectAttributes": ("GET", "/bucket/{key}?attributes", {"x-amz-object-attributes": "Checksum,ETag,ObjectParts"}),
    "CopyObject": ("PUT", "/bucket/new", {"x-amz-copy-source": "bucket/{key}"}),
    "CopyObject onto itself": ("PUT", "/bucket/{key}", {"x-amz-copy-source": "bucket/{key}"}),
    "CreateMultipartUpload": ("POST", "/bucket/new?uploads", {}),
    "UploadPart": ("PUT", "/bucket/upload?partNumber=2&uploadId={upload}", {}),
    "UploadPartCopy": ("PUT", "/bucket/upload?partNumber=2&uploadId={upload}", {"x-amz-copy-source": "bucket/{key}"}),
    "ListParts": ("GET", "/bucket/upload?uploadId={upload}", {}),
    "PutBucketEncryption": ("PUT", "/bucket?encryption", {}),
}
OBJECTS: dict[str, dict[str, str]] = {
    "plain": {},
    "kms": {SSE: "aws:kms", f"{SSE}-aws-kms-key-id": KEY_ID},
    "own": {
        f"{_OBJECT}algorithm": "AES256",
        f"{_OBJECT}key": b64encode(KEYS[0]).decode(),
        f"{_OBJECT}key-md5": b64encode(md5(KEYS[0]).digest()).decode(),
    },
}


def call(fake: FakeS3, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> tuple[int, bytes]:
    path, _, query = target.partition("?")
    lowered = {name.lower(): value for name, value in {**SIGNED, **headers}.items()}
    lowered["content-length"] = str(len(body))
    response = fake.handle(Request(method, "localhost", path, query, lowered, body))
    return response.status, b"".join(map(bytes, response.body))


def filled() -> tuple[FakeS3, dict[str, str]]:
    """Return a fake with an object and an upload of each kind, and the upload ids by kind."""
    fake = FakeS3(seed=1)
    assert call(fake, "PUT", "/bucket", {})[0] == 200
    uploads = {}
    for name, headers in OBJECTS.items():
        assert call(fake, "PUT", f"/bucket/{name}", headers, b"data")[0] == 200
        assert call(fake, "POST", "/bucket/upload?uploads", headers)[0] == 200
        uploads[name] = list(fake.store.buckets["bucket"].uploads)[-1]
    return fake, uploads


FAKE, UPLOADS = filled()


@pytest.mark.parametrize("operation", OPERATIONS)
@given(headers=sent, key=st.sampled_from([*OBJECTS, "missing"]), upload=st.sampled_from(list(OBJECTS)))
@settings(max_examples=150, deadline=None)
def test_headers(operation: str, headers: dict[str, str], key: str, upload: str) -> None:
    fake, checkpoint = FAKE, FAKE.snapshot()
    before = state(fake)
    method, target, more = OPERATIONS[operation]
    more = {name: value.format(key=key) for name, value in more.items()}
    body = b"data" if operation in ("PutObject", "UploadPart") else b""
    status, response = call(fake, method, target.format(key=key, upload=UPLOADS[upload]), {**headers, **more}, body)
    assert status in (200, 400, 403, 404, 501)
    if status != 200:
        assert state(fake) == before
        for secret in filter(None, (headers.get(f"{_OBJECT}key"), headers.get(f"{_SOURCE}key"))):
            if len(secret) > 30:
                assert secret.encode() not in response
    fake.restore(checkpoint)


elements = st.recursive(
    st.sampled_from(["AES256", "aws:kms", KEY_ID, "SSE-C", "NONE", "true", ""])
    | st.text(st.sampled_from("ab<>&;\x01"), max_size=5),
    lambda inner: st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "Rule",
                    "ApplyServerSideEncryptionByDefault",
                    "SSEAlgorithm",
                    "KMSMasterKeyID",
                    "BucketKeyEnabled",
                    "BlockedEncryptionTypes",
                    "EncryptionType",
                    "Other",
                ]
            ),
            inner,
        ),
        max_size=4,
    ).map(lambda found: "".join(f"<{name}>{text}</{name}>" for name, text in found)),
    max_leaves=12,
)


@given(content=elements)
@settings(max_examples=200, deadline=None)
def test_configurations(content: str) -> None:
    fake, checkpoint = FAKE, FAKE.snapshot()
    before = state(fake)
    body = f"<ServerSideEncryptionConfiguration>{content}</ServerSideEncryptionConfiguration>".encode()
    headers: dict[str, Any] = {"Content-MD5": b64encode(md5(body).digest()).decode()}
    status, _ = call(fake, "PUT", "/bucket?encryption", headers, body)
    assert status in (200, 400)
    if status == 400:
        assert state(fake) == before
    else:
        assert call(fake, "GET", "/bucket?encryption", {})[0] == 200
        assert call(fake, "PUT", "/bucket/new", {}, b"data")[0] in (200, 400, 403)
    fake.restore(checkpoint)
