"""SelectObjectContent: a query over one object, answered by an event stream. The SQL is `fakes3part.select`'s, an extra."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import S3Error, not_implemented
from ...rules.archived_objects import check_readable as check_restored
from ...select.request import Query, read_request
from ..context import Context, find_version
from ..object_encryption import check_key_and_may_decrypt
from ..registry import Output, Params, operation

if TYPE_CHECKING:
    from ...select.executor import Selection
    from ...state.objects import Version

_LACKS = "its SQL engine is an extra: pip install fakes3part[select]"


@operation("SelectObjectContent")
def select_object_content(context: Context, params: Params) -> Output:
    """What is wrong with the request, the statement or the object as a whole is an error as any other. One that a record makes
    ends the stream, after the results of those before it.

    Raises:
        S3Error: NoSuchKey, InvalidObjectState for an archived object, those of SSE-C and KMS, NotImplemented without the extra,
            or one of S3 Select's.
    """
    if "range" in context.request.headers:
        raise S3Error("UnsupportedRangeHeader")
    query = read_request(params)
    bucket = context.bucket
    with bucket.lock:
        version = find_version(bucket, params["Key"], None)
    check_key_and_may_decrypt(context, params, version.encryption)
    check_restored(version, context.clock.now())
    if version.carried.storage_class == "REDUCED_REDUNDANCY":
        raise S3Error("UnsupportedStorageClass")
    return {"Payload": _selection(context, query, version).events()}


def _selection(context: Context, query: Query, version: Version) -> Selection:
    assert version.data is not None
    try:
        import sqlglot  # noqa: F401  # alone and first: threads that import a package of ours which fails see half of it

        from ...select.executor import Selection

        return Selection(query, b"".join(version.data.segments), context.clock.now())
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("sqlglot", "pyarrow"):
            raise
        raise not_implemented("SelectObjectContent", _LACKS) from None
