"""Put objects into buckets by the real operations, so that checksums, ETags, versions, encryption and locks are those of S3.

The operations are called directly, as the owner of the bucket: there is no signature, authorization or response.
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
from ..errors import S3Error
from ..message import Request
from ..operations.buckets.buckets import create_bucket
from ..operations.context import Context
from ..operations.objects.put_object import put_object
from ..operations.registry import check_members
from ..operations.write_head import check_write_head
from ..protocol.aws_chunked import DeclaredBody
from ..protocol.model import s3_model
from ..rules.checksums import sent_checksum
from ..rules.names import bucket_name_advice, check_key
from ..rules.object_properties import STORAGE_CLASSES
from ..state.bucket import DIRECTORY, Bucket
from ..state.object_rule import KeyRange
from ..state.synthetic_data import Synthetic
from .synthetic import ObjectRange, check_rule, put_rule, replace_body, without_synthetic

if TYPE_CHECKING:
    from ..backend import Backend

Value: TypeAlias = "bytes | bytearray | memoryview | str | os.PathLike[str] | Synthetic | Mapping[str, Any]"
"""An object: its bytes, text (stored in UTF-8), a file with them, a rule, or keyword arguments of boto3's ``put_object``."""

Content: TypeAlias = "Mapping[str, Mapping[str, Value] | KeyRange | ObjectRange]"
"""The objects to put: bucket -> key -> object, or bucket -> a rule for all of them."""


def seed(backend: Backend, content: Content) -> None:
    """Put objects into buckets, see `FakeS3.seed`."""
    for name, objects in content.items():
        if isinstance(objects, KeyRange | ObjectRange):
            check_rule(name, objects)
            continue
        if not isinstance(objects, Mapping):
            raise TypeError(
                f'{name}: the objects of a bucket must be a dictionary such as {{"key": b"bytes"}}, a KeyRange or an ObjectRange'
                f", not {type(objects).__name__}"
            )
        for key, value in objects.items():
            _check(name, key, value)
    for name, objects in content.items():
        bucket = bucket_named(backend, name)
        if isinstance(objects, KeyRange | ObjectRange):
            put_rule(backend, bucket, objects, put)
            continue
        for key, value in objects.items():
            try:
                put(backend, bucket, key, value)
            except S3Error as error:
                error.args = (f"{error.args[0]} ({name}/{key}{_allowed(error)})",)
                raise


def _allowed(error: S3Error) -> str:
    """Return what S3's text does not say; empty: it says all."""
    requested = error.extras.get("StorageClassRequested")
    if error.code != "InvalidStorageClass" or requested is None:
        return ""
    return f": StorageClass is one of {', '.join(sorted(STORAGE_CLASSES))}, not {requested!r}"


def _check(name: object, key: object, value: object) -> None:
    if not isinstance(name, str) or not isinstance(key, str):
        raise TypeError(f"bucket names and keys must be str, not {name!r}, {key!r}")
    body = value.get("Body", b"") if isinstance(value, Mapping) else value
    if not isinstance(body, bytes | bytearray | memoryview | str | os.PathLike | Synthetic):
        raise TypeError(
            f"{name}/{key}: an object must be bytes, str, a path, Synthetic, or a dict of put_object's arguments, "
            f"not {type(body).__name__}"
        )


def bucket_named(backend: Backend, name: str) -> Bucket:
    """Return the bucket of a name, and create it in the fake's region if it does not exist.

    Raises:
        S3Error: the name is not valid.
    """
    bucket = backend.store.get(name)
    if bucket is None:
        region = backend.settings.region
        params: dict[str, Any] = {"Bucket": name}
        if region != "us-east-1":
            params["CreateBucketConfiguration"] = {"LocationConstraint": region}
        try:
            create_bucket(owner_context(backend, None, f"/{name}", {}), params)
        except S3Error as error:
            if error.code != "InvalidBucketName":
                raise
            raise S3Error(error.code, f"{error.message} ({name!r}; {bucket_name_advice(name)})", **error.extras) from None
        bucket = backend.store.get(name)
        assert bucket is not None
    return bucket


def owner_context(backend: Backend, bucket: Bucket | None, path: str, headers: dict[str, str]) -> Context:
    """Return the context of an operation that the owner of the bucket calls; ``bucket`` None: for CreateBucket."""
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
        declared=DeclaredBody(sent_checksum(headers)),
    )


def put(backend: Backend, bucket: Bucket, key: str, value: Value) -> None:
    """Put an object.

    Raises:
        S3Error: the error of PutObject.
        botocore.exceptions.ParamValidationError: as boto3 raises it for the arguments in a dict.
    """
    if not key:
        raise ValueError(f"{bucket.name}: a key must have at least one character")
    try:
        key.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{bucket.name}: a key must be encodable as UTF-8, not {key!r}") from None
    check_key(key)
    if type(value) is not bytes and isinstance(value, Synthetic | Mapping):
        arguments, synthetic = without_synthetic(value)
        if synthetic is not None:
            if bucket.kind is DIRECTORY:
                raise ValueError(f"{bucket.name}: a directory bucket cannot have synthetic objects")
            put(backend, bucket, key, arguments)
            replace_body(bucket, key, synthetic)
            return
        assert isinstance(value, Mapping)
        _put_with(backend, bucket, key, value)
        return
    body = value if type(value) is bytes else _bytes(value)
    headers: dict[str, str] = {}
    if bucket.object_lock is not None:  # S3 requires a digest for objects that get a lock
        headers["content-md5"] = b64encode(md5(body, usedforsecurity=False).digest()).decode()
    put_object(owner_context(backend, bucket, "", headers), {"Bucket": bucket.name, "Key": key, "Body": body})


def _bytes(value: object) -> bytes:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, os.PathLike):
        return Path(value).read_bytes()
    return bytes(cast("bytes", value))


def _put_with(backend: Backend, bucket: Bucket, key: str, arguments: Mapping[str, Any]) -> None:
    """Put an object as boto3's put_object does with these arguments: botocore serializes them, and they are parsed again."""
    from botocore.handlers import sse_md5, validate_ascii_metadata
    from botocore.serialize import create_serializer

    body = _bytes(arguments.get("Body", b""))
    params = {"Bucket": bucket.name, "Key": key, **arguments, "Body": body}
    if (params["Bucket"], params["Key"]) != (bucket.name, key):
        raise ValueError(f"{bucket.name}/{key}: the arguments must not have another Bucket or Key")
    validate_ascii_metadata(params)
    sse_md5(params)
    model = _botocore_model()
    serialized = create_serializer("rest-xml").serialize_to_request(params, model)
    headers = {name.lower(): _text(value) for name, value in serialized["headers"].items()}
    if bucket.object_lock is not None:
        headers.setdefault("content-md5", b64encode(md5(body, usedforsecurity=False).digest()).decode())
    operation = s3_model().operations["PutObject"]
    parsed = operation.parse(bucket.name, key, {}, headers, lambda: body)
    check_members("PutObject", parsed)
    check_write_head(parsed, headers)
    put_object(owner_context(backend, bucket, f"/{bucket.name}/{quote(key)}", headers), parsed)


def _text(value: object) -> str:
    """Return a header value without leading and trailing blanks, as a server receives it."""
    return (value.decode("latin-1") if isinstance(value, bytes) else str(value)).strip(" \t")


@cache
def _botocore_model() -> Any:
    """Return botocore's PutObject, from a separate loader: sessions change the models that they load."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    return ServiceModel(Loader().load_service_model("s3", "service-2"), "s3").operation_model("PutObject")


__all__ = ["Content", "Value", "bucket_named", "owner_context", "put", "seed"]
