"""Filling buckets: by the real operations, so that checksums, ETags, versions, encryption and locks are what S3 would make them.

Only what is around an operation is left out: no request is signed, authorized or answered. The owner of a bucket puts into it.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import md5
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from urllib.parse import quote

from ..auth.callers import Caller
from ..message import Request
from ..operations.buckets.buckets import create_bucket
from ..operations.context import Context
from ..operations.objects.put_object import put_object
from ..operations.registry import check_members
from ..protocol.model import s3_model
from ..rules.names import check_key
from ..state.bucket import Bucket

if TYPE_CHECKING:
    from ..backend import Backend

Value: TypeAlias = "bytes | bytearray | memoryview | str | os.PathLike[str] | Mapping[str, Any]"
"""An object: its bytes, text (stored in UTF-8), a file that holds them, or keyword arguments of boto3's ``put_object``."""

Content: TypeAlias = Mapping[str, Mapping[str, Value]]
"""Bucket -> key -> object."""


def seed(backend: Backend, content: Content) -> None:
    """See `FakeS3.seed`."""
    for name, objects in content.items():
        for key, value in objects.items():
            _check(name, key, value)
    for name, objects in content.items():
        bucket = bucket_named(backend, name)
        for key, value in objects.items():
            put(backend, bucket, key, value)


def _check(name: object, key: object, value: object) -> None:
    if not isinstance(name, str) or not isinstance(key, str):
        raise TypeError(f"names of buckets and keys are text, not {name!r}, {key!r}")
    body = value.get("Body", b"") if isinstance(value, Mapping) else value
    if not isinstance(body, bytes | bytearray | memoryview | str | os.PathLike):
        raise TypeError(
            f"{name}/{key}: an object is bytes, text, a path, or a dict of put_object's arguments, not a {type(body).__name__}"
        )


def bucket_named(backend: Backend, name: str) -> Bucket:
    """The bucket of a name, created in the fake's region if it is not there.

    Raises:
        S3Error: that is no name of a bucket.
    """
    bucket = backend.store.get(name)
    if bucket is None:
        region = backend.settings.region
        params: dict[str, Any] = {"Bucket": name}
        if region != "us-east-1":
            params["CreateBucketConfiguration"] = {"LocationConstraint": region}
        create_bucket(owner_context(backend, None, f"/{name}", {}), params)
        bucket = backend.store.get(name)
        assert bucket is not None
    return bucket


def owner_context(backend: Backend, bucket: Bucket | None, path: str, headers: dict[str, str]) -> Context:
    """What an operation is given when no client asked for it, but the bucket's owner did (or who will be)."""
    account = backend.settings.account if bucket is None else bucket.account
    return Context(
        backend,
        backend.store,
        Request("PUT", "localhost", path, headers=headers),
        query={},
        caller=Caller(backend.accounts.account(account)),
        region=backend.settings.region,
        addressed_bucket=bucket,
        pending_events=[],  # never published: there were no listeners when these objects were put
    )


def put(backend: Backend, bucket: Bucket, key: str, value: Value) -> None:
    """Put one object.

    Raises:
        S3Error: as PutObject would answer.
        botocore.exceptions.ParamValidationError: as boto3 would raise, of arguments in a dict.
    """
    if not key:
        raise ValueError(f"{bucket.name}: a key has one character at least")
    check_key(key)
    if type(value) is not bytes and isinstance(value, Mapping):
        _put_with(backend, bucket, key, value)
        return
    body = value if type(value) is bytes else _bytes(value)
    headers: dict[str, str] = {}
    if bucket.object_lock is not None:  # what will be locked must come with a digest
        headers["content-md5"] = b64encode(md5(body, usedforsecurity=False).digest()).decode()
    put_object(owner_context(backend, bucket, "", headers), {"Bucket": bucket.name, "Key": key, "Body": body})


def _bytes(value: object) -> bytes:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, os.PathLike):
        return Path(value).read_bytes()
    return bytes(cast("bytes", value))


def _put_with(backend: Backend, bucket: Bucket, key: str, given: Mapping[str, Any]) -> None:
    """Put an object as a client would that was called with these arguments: written down by botocore, and read by us."""
    from botocore.handlers import sse_md5, validate_ascii_metadata
    from botocore.serialize import create_serializer

    body = _bytes(given.get("Body", b""))
    params = {"Bucket": bucket.name, "Key": key, **given, "Body": body}
    if (params["Bucket"], params["Key"]) != (bucket.name, key):
        raise ValueError(f"{bucket.name}/{key}: Bucket and Key are told already")
    validate_ascii_metadata(params)
    sse_md5(params)
    model = _botocore_model()
    written = create_serializer("rest-xml").serialize_to_request(params, model)
    headers = {name.lower(): _text(value) for name, value in written["headers"].items()}
    if bucket.object_lock is not None:
        headers.setdefault("content-md5", b64encode(md5(body, usedforsecurity=False).digest()).decode())
    operation = s3_model().operations["PutObject"]
    parsed = operation.parse(bucket.name, key, {}, headers, lambda: body)
    check_members("PutObject", parsed)
    put_object(owner_context(backend, bucket, f"/{bucket.name}/{quote(key)}", headers), parsed)


def _text(value: object) -> str:
    """A header as it arrives: without blanks around it."""
    return (value.decode("latin-1") if isinstance(value, bytes) else str(value)).strip(" \t")


@cache
def _botocore_model() -> Any:
    """botocore's PutObject, from a loader of our own: sessions change the model that they load."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    return ServiceModel(Loader().load_service_model("s3", "service-2"), "s3").operation_model("PutObject")


__all__ = ["Content", "Value", "bucket_named", "owner_context", "put", "seed"]
