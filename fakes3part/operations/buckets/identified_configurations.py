"""Register the operations of bucket configurations with ids, of which a bucket can have up to 1,000 of each family.

One call of `identified_configuration` registers Put, Get, List and Delete. How to add one: CONTRIBUTING, "Add a bucket
configuration". Assumed, not recorded from AWS: that the permission is judged after the document in other families than inventory,
and the responses to requests without an id.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_right
from collections.abc import Callable, Mapping
from hashlib import shake_128
from typing import Any, Protocol, TypeVar

from ...auth.authorization.evaluate import is_always_allowed
from ...auth.authorization.operation import authorize_operation
from ...errors import S3Error
from ...state.bucket import DIRECTORY
from ..context import Context
from ..registry import Output, Params, operation
from .configurations import FIELDS, locked_bucket

FAMILIES = ("Analytics", "IntelligentTiering", "Inventory", "Metrics")
"""As they are called in the names of operations and documents."""

PUT_OPERATIONS = tuple(f"PutBucket{family}Configuration" for family in FAMILIES)
"""Operations that authorize themselves: S3 judges their document first."""

MAX_CONFIGURATIONS = 1_000
PAGE = 100
_NONCE, _CHECK = 8, 4
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


class Identified(Protocol):
    """A configuration with an id."""

    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=Identified)


def check_id_by_schema(configuration_id: str) -> None:
    """Raise MalformedXML unless the id has 1 to 64 letters, digits, dots, hyphens and underscores."""
    if not _ID.fullmatch(configuration_id):
        raise S3Error("MalformedXML")


def no_check(configuration: object) -> None:
    """Accept every configuration that can be parsed."""


def identified_configuration(
    *,
    field: str,
    family: str,
    parse: Callable[[Mapping[str, Any]], T],
    show: Callable[[T], Output],
    check_id: Callable[[str], None] = check_id_by_schema,
    check: Callable[[T], None] = no_check,
    check_in_directory: Callable[[T], None] = no_check,
    mismatch: str = "MalformedXML",
    activates: str | None = None,
) -> None:
    """Register the operations of a family of configurations, which one field of the bucket holds: a mapping by id.

    S3 judges a put operation in this order: the document's schema, its id, its id against the URL's, the permission, `check`, the
    number of configurations.

    Args:
        field: the field of `BucketConfiguration`. None in it means that the bucket has no such configuration.
        family: one of `FAMILIES`.
        parse: returns a configuration, or raises MalformedXML.
        show: returns the document of a configuration.
        check_id: checks the id in the document.
        check: checks what the schema does not say.
        check_in_directory: checks what directory buckets do not support, before `check`.
        mismatch: the code of the error for another id in the URL than in the document.
        activates: the background process that the configurations need (`Store.activate`); None: none.
    """
    put = f"PutBucket{family}Configuration"
    assert FIELDS.get(field, put) == put, f"{field!r} is registered by {FIELDS[field]} already"
    assert put in PUT_OPERATIONS, f"there is no family {family!r}"
    FIELDS[field] = put
    document = f"{family}Configuration"

    @operation(put, check_head=_check_url_id)
    def put_configuration(context: Context, params: Params) -> Output:
        value = parse(params[document])
        check_id(value.id)
        if value.id != params["Id"]:
            raise S3Error(mismatch)
        _authorize(context, put)
        if context.bucket.kind is DIRECTORY:
            check_in_directory(value)
        check(value)
        with locked_bucket(context) as bucket:
            present: Mapping[str, T] = getattr(bucket, field) or {}
            if value.id not in present and len(present) >= MAX_CONFIGURATIONS:
                raise S3Error("TooManyConfigurations")
            bucket.set_configuration(field, {**present, value.id: value})
            if activates is not None:
                context.store.activate(activates, context.clock.now())
        return {}

    @operation(f"GetBucket{family}Configuration")
    def get_configuration(context: Context, params: Params) -> Output:
        present: Mapping[str, T] = getattr(context.bucket, field) or {}
        if params["Id"] not in present:
            raise S3Error("NoSuchConfiguration")
        return {document: show(present[params["Id"]])}

    @operation(f"ListBucket{family}Configurations")
    def list_configurations(context: Context, params: Params) -> Output:
        token = params.get("ContinuationToken")
        after = _decode_token(token) if token else ""
        present: Mapping[str, T] = getattr(context.bucket, field) or {}
        ids = sorted(present)
        start = bisect_right(ids, after)
        page = ids[start : start + PAGE]
        is_truncated = start + PAGE < len(ids)
        return {
            "IsTruncated": is_truncated,
            "ContinuationToken": token,
            "NextContinuationToken": _encode_token(page[-1], context.ids.nonce(_NONCE)) if is_truncated else None,
            f"{document}List": [show(present[name]) for name in page],
        }

    @operation(f"DeleteBucket{family}Configuration", check_head=_check_url_id)
    def delete_configuration(context: Context, params: Params) -> Output:
        with locked_bucket(context) as bucket:
            present: Mapping[str, T] = getattr(bucket, field) or {}
            if params["Id"] not in present:
                raise S3Error("NoSuchConfiguration")
            rest = {name: value for name, value in present.items() if name != params["Id"]}
            bucket.set_configuration(field, rest or None)
        return {}


def _check_url_id(params: Params, headers: Mapping[str, str]) -> None:
    if not params["Id"]:
        raise S3Error("InvalidConfigurationId")


def _authorize(context: Context, name: str) -> None:
    """Authorize a put operation. (Requests to directory buckets are authorized before.)"""
    bucket = context.bucket
    if bucket.kind is not DIRECTORY and not is_always_allowed(context.caller, bucket):
        authorize_operation(name, context.request_context, bucket)


# --- continuation tokens ---------------------------------------------------------------------------------------------


def _encode_token(last: str, nonce: bytes) -> str:
    """Return a token that continues after the id ``last``. It is opaque, and another one for each nonce."""
    text = last.encode()
    return urlsafe_b64encode(nonce + _mask(_check(text) + text, nonce)).decode()


def _decode_token(token: str) -> str:
    """Return the id after which a token continues.

    Raises:
        S3Error: MalformedContinuationToken.
    """
    try:
        raw = urlsafe_b64decode(token.encode("ascii"))
    except ValueError:
        raise S3Error("MalformedContinuationToken") from None
    text = _mask(raw[_NONCE:], raw[:_NONCE])
    check, last = text[:_CHECK], text[_CHECK:]
    if not last or check != _check(last) or urlsafe_b64encode(raw).decode() != token:
        raise S3Error("MalformedContinuationToken")
    return last.decode("ascii", "replace")


def _mask(text: bytes, nonce: bytes) -> bytes:
    stream = shake_128(nonce, usedforsecurity=False).digest(len(text))
    return bytes(byte ^ mask for byte, mask in zip(text, stream, strict=True))


def _check(text: bytes) -> bytes:
    return shake_128(text, usedforsecurity=False).digest(_CHECK)
