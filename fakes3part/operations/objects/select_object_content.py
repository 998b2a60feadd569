"""SelectObjectContent: an SQL query over one object, with an event stream as response. It needs the extra ``select``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import S3Error, not_implemented
from ...rules.archived_objects import check_readable as check_restored
from ...select.request import Query, parse_request
from ..access_times import record_access
from ..context import Context, find_version
from ..object_encryption import check_key_and_may_decrypt
from ..registry import Output, Params, operation

if TYPE_CHECKING:
    from ...select.executor import Selection
    from ...state.objects import Version

_EXTRA_MISSING = "its SQL engine is an extra: pip install fakes3part[select]"


@operation("SelectObjectContent")
def select_object_content(context: Context, params: Params) -> Output:
    """Run the query and return its events.

    An error of the request, the statement or the object as a whole is an ordinary error response. An error of a record ends the
    stream after the results of the records before it.

    Raises:
        S3Error: NoSuchKey, InvalidObjectState for an archived object, those of SSE-C and KMS, NotImplemented without the extra,
            or one of S3 Select's.
    """
    if "range" in context.request.headers:
        raise S3Error("UnsupportedRangeHeader")
    query = parse_request(params)
    bucket = context.bucket
    with bucket.lock:
        version = find_version(bucket, params["Key"], None)
    check_key_and_may_decrypt(context, params, version.encryption)
    check_restored(version, context.clock.now())
    if version.properties.storage_class == "REDUCED_REDUNDANCY":
        raise S3Error("UnsupportedStorageClass")
    selection = _selection(context, query, version)
    record_access(context, bucket, version)
    return {"Payload": selection.events()}


def _selection(context: Context, query: Query, version: Version) -> Selection:
    assert version.data is not None
    try:
        import sqlglot  # noqa: F401  # first and alone: if it fails in our module, other threads see that one half imported

        from ...select.executor import Selection

        if version.data.is_opaque:
            raise S3Error("NotImplemented", "fakes3part cannot query a synthetic object of more than 64 MiB")
        return Selection(query, b"".join(version.data.segments), context.clock.now())
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("sqlglot", "pyarrow"):
            raise
        raise not_implemented("SelectObjectContent", _EXTRA_MISSING) from None
