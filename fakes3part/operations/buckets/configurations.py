"""Register the operations of a bucket configuration: a document that a request puts, and that others get and delete.

One call of `configuration` registers all of them. How to add one: CONTRIBUTING, "Add a bucket configuration".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import TypeVar, cast

from ...error_codes import ERRORS
from ...errors import S3Error
from ...leniences import allow
from ...state.bucket import Bucket
from ...state.bucket_configuration import BucketConfiguration
from ..context import Context
from ..registry import Check, Output, Params, operation

T = TypeVar("T")

FIELDS: dict[str, str] = {}
"""Field of `BucketConfiguration` -> the operation that puts it, of each configuration registered here."""

_CONFIGURATION_FIELDS = frozenset(field.name for field in fields(BucketConfiguration))


def no_output(context: Context, value: object) -> Output:
    """Return the empty output of most Put operations."""
    return {}


def no_default(context: Context) -> None:
    """Return None: a bucket without the configuration has no default."""


def configuration(
    *,
    field: str,
    put: str,
    get: str,
    delete: str | None,
    parse: Callable[[Context, Params], T],
    show: Callable[[T], Output],
    missing: str | None,
    default: Callable[[Context], T | None] = no_default,
    after_put: Callable[[Context, T], Output] = no_output,
    before_put: Check | None = None,
    check_bucket: Check | None = None,
    check_delete: Check | None = None,
    activates: str | None = None,
) -> None:
    """Register the operations of a bucket configuration that is kept in one field of the bucket.

    Args:
        field: the field of `BucketConfiguration`. None in it means that the bucket has no such configuration.
        put: the operation that replaces the configuration, by its AWS name.
        get: the operation that returns it.
        delete: the operation that sets the field to None; None if AWS has no such operation.
        parse: returns the field's new value, or raises S3Error. It is called with the bucket's lock held, so it may compare
            the request with the bucket's other configurations.
        show: returns the output of the get operation. It gets None only if ``missing`` is None.
        missing: the code of the error of the get operation for a bucket without the configuration; None if S3 responds
            without an error then.
        default: returns what the get operation shows of a bucket without the configuration; None if it has no default.
        after_put: called with the new value when it is stored and the lock is released; returns the put operation's output.
        before_put: checks the put request once its document is read, with no lock held: it may call users' code; None: nothing.
        check_bucket: checks the bucket before the document is read; None: nothing.
        check_delete: checks the bucket, with its lock held, before the configuration is deleted; None: nothing.
        activates: the background process that the configuration needs (`Store.activate`); None: none.
    """
    assert field in _CONFIGURATION_FIELDS, f"BucketConfiguration has no field {field!r}"
    assert FIELDS.get(field, put) == put, f"{field!r} is registered by {FIELDS[field]} already"
    assert missing is None or missing in ERRORS, f"fakes3part.error_codes has no {missing!r}"
    FIELDS[field] = put

    @operation(put, check_bucket=check_bucket)
    def put_configuration(context: Context, params: Params) -> Output:
        if before_put is not None:
            before_put(context, params)
        with locked_bucket(context) as bucket:
            value = parse(context, params)
            bucket.set_configuration(field, value)
            if activates is not None:
                context.store.activate(activates, context.clock.now())
        return after_put(context, value)

    @operation(get)
    def get_configuration(context: Context, params: Params) -> Output:
        value: T | None = getattr(context.bucket, field)
        if field in context.bucket.default_fields and allow(context.request, "acls"):
            value = None  # as before April 2023
        if value is None:
            value = default(context)
        if missing is not None:
            value = ensure_configured(value, context.bucket, missing)
        return show(cast(T, value))

    if delete is not None:

        @operation(delete)
        def delete_configuration(context: Context, params: Params) -> Output:
            with locked_bucket(context) as bucket:
                if check_delete is not None:
                    check_delete(context, params)
                bucket.set_configuration(field, None)
            return {}


@contextmanager
def locked_bucket(context: Context) -> Iterator[Bucket]:
    """Hold the lock of the request's bucket, and yield the bucket.

    Raises:
        S3Error: NoSuchBucket, if the bucket was deleted since the request was routed.
    """
    bucket = context.bucket
    with bucket.lock:
        context.ensure_exists(bucket)
        yield bucket


def ensure_configured(value: T | None, bucket: Bucket, missing: str) -> T:
    """Return the value of a bucket's configuration.

    Raises:
        S3Error: ``missing``, if the value is None.
    """
    if value is None:
        raise S3Error(missing, BucketName=bucket.name)
    return value
