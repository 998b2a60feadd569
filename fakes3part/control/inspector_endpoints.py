"""The endpoints of the control API that the inspector shows: pages of large states, one object, upload or call, decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import Decision, S3Error
from ..inspection.differences import differences
from ..inspection.documents import (
    configuration_document,
    content_preview,
    object_page,
    plain,
    upload_document,
    upload_row,
    version_document,
)
from ..inspection.objects import versions_of
from .call_stream import STREAM, stream_calls
from .endpoint import BadRequestError, ControlRequest, Document, NotFoundError, control_endpoint

if TYPE_CHECKING:
    from ..backend import Backend
    from ..state.bucket import Bucket
    from ..state.store import Store
    from ..state.uploads import Upload

MAX_ROWS = 1000
"""The most rows of a page."""

_MAX_VERSIONS = 100

_LIMIT = {"limit": f"at most so many, up to {MAX_ROWS} (100)"}
_EXPLAIN = {
    "what": "an operation (GetObject) or an action (s3:GetObject)",
    "bucket": "its name, or the alias or ARN of an access point",
    "key": "a key",
    "caller": "anonymous, an ARN, an account id or an access key; the root of the fake's own account if absent",
    "version_id": "the current version if absent",
    "source_ip": "the client's IP address",
    "secure": "false: without TLS",
}
_DIFF = {
    "from": "the name of a snapshot",
    "to": "the name of another one; the present state if absent",
    "offset": "how many differences to leave out",
    **_LIMIT,
}

OBJECT_OPERATIONS = ("GetObject", "PutObject", "DeleteObject", "GetObjectTagging", "PutObjectAcl")
BUCKET_OPERATIONS = ("ListObjectsV2", "ListMultipartUploads", "GetBucketPolicy", "PutBucketPolicy", "DeleteBucket")
"""The columns of the table of who may do what."""


def _number(request: ControlRequest, name: str, default: int, maximum: int | None = None) -> int:
    """Return a number of the query.

    Raises:
        BadRequestError: it is negative, or above the maximum (None: there is none).
        ValueError: it is no number.
    """
    number = int(request.query.get(name, default))
    if number < 0 or (maximum is not None and number > maximum):
        raise BadRequestError(f"{name} must be 0 to {maximum}, not {number}" if maximum else f"{name} must be 0 or more")
    return number


def _find_bucket(backend: Backend, request: ControlRequest) -> Bucket:
    bucket = backend.store.get(request.path_values[0])
    if bucket is None:
        raise NotFoundError(f"no bucket {request.path_values[0]!r}")
    return bucket


def _required(request: ControlRequest, name: str) -> str:
    if name not in request.query:
        raise BadRequestError(f"the query needs {name!r}")
    return request.query[name]


def _objects(backend: Backend, request: ControlRequest) -> Document:
    bucket, limit = _find_bucket(backend, request), _number(request, "limit", 100, MAX_ROWS)
    rows, following = object_page(bucket, request.query.get("prefix", ""), request.query.get("after"), max(1, limit))
    return {"objects": rows, "next": following, "total": len(bucket.objects)}


def _object(backend: Backend, request: ControlRequest) -> Document:
    bucket, key = _find_bucket(backend, request), _required(request, "key")
    versions = versions_of(bucket, key, backend.clock.now)
    version_id = request.query.get("version_id")
    shown = [view for view in versions if version_id in (None, view.version_id)][:1]
    if not shown:
        raise NotFoundError(f"no object {key!r}" if version_id is None else f"no version {version_id!r} of {key!r}")
    with bucket.lock:
        version = bucket.versions(key).get(shown[0].version_id)
    return {
        "bucket": bucket.name,
        "key": key,
        "version": version_document(shown[0]),
        "content": {} if version is None else content_preview(version),
        "versions": [version_document(view) for view in versions[:_MAX_VERSIONS]],
        "version_count": len(versions),
    }


def _uploads(backend: Backend, request: ControlRequest) -> Document:
    bucket, limit = _find_bucket(backend, request), _number(request, "limit", 100, MAX_ROWS)
    offset = _number(request, "offset", 0)
    with bucket.lock:
        uploads = [upload_row(upload) for upload in bucket.uploads_by_key.values()[offset : offset + limit]]
    return {"uploads": uploads, "total": len(bucket.uploads)}


def _upload(backend: Backend, request: ControlRequest) -> Document:
    bucket, upload_id = _find_bucket(backend, request), _required(request, "id")
    with bucket.lock:
        upload = bucket.uploads.get(upload_id)
        if upload is None:
            raise NotFoundError(f"no open upload {upload_id!r}")
        document = upload_document(upload)
        complete = _completion(backend, bucket, upload)
    sent = _sent_parts(backend, upload_id)
    for part in document["parts"]:
        part["overwritten"] = list(sent.get(part["number"], ())[:-1])
    return {**document, "bucket": bucket.name, "min_part_size": backend.settings.min_part_size, "complete": complete}


def _completion(backend: Backend, bucket: Bucket, upload: Upload) -> Document:
    """Return what CompleteMultipartUpload would make of all the parts of an upload, or the error it would be refused with."""
    from ..operations.multipart.complete import preview_complete  # the operations are loaded with the first request

    try:
        parts, etag = preview_complete(bucket, upload, backend.settings.min_part_size)
    except S3Error as error:
        return {"error": error.code, "message": error.message, "details": plain(error.extras)}
    return {"etag": etag, "size": sum(part.size for part in parts), "parts": len(parts)}


def _sent_parts(backend: Backend, upload_id: str) -> dict[int, list[Document]]:
    """Return the calls in the journal that stored parts of an upload, by part number, the oldest first."""
    sent: dict[int, list[Document]] = {}
    for record in backend.calls.records():
        if record.operation is None or record.operation.name not in ("UploadPart", "UploadPartCopy") or record.error is not None:
            continue
        params = record.params or {}
        if params.get("UploadId") == upload_id:
            sent.setdefault(params["PartNumber"], []).append({"call": record.number, "time": record.time.isoformat()})
    return sent


def _configuration(backend: Backend, request: ControlRequest) -> Document:
    return {"configuration": configuration_document(_find_bucket(backend, request))}


def _call(backend: Backend, request: ControlRequest) -> Any:
    number = int(request.path_values[0])
    calls = backend.calls.filter(since=number - 1)
    if not calls or calls[0].number != number:
        raise NotFoundError(f"no call {number} in the journal")
    error = calls.records()[0].error
    denial = error.decision if error is not None else None
    return calls[0].to_json() | ({} if denial is None else {"decision": _decision(denial)})


# --- who may do what -------------------------------------------------------------------------------------------------


def _decision(decision: Decision) -> Document:
    return {**plain(decision), "text": str(decision)}


def _explain(backend: Backend, request: ControlRequest) -> Document:
    arguments: Document = {name: value for name, value in request.query.items() if name != "secure" and value}
    what = arguments.pop("what", None)
    if what is None:
        raise BadRequestError("the query needs 'what': an operation or an action")
    from ..auth.policies.actions import ACTIONS

    if ":" not in what and what not in ACTIONS:
        raise BadRequestError(f"{what!r} is neither an operation such as GetObject nor an action such as s3:GetObject")
    secure = request.query.get("secure", "true")
    if secure not in ("true", "false"):
        raise BadRequestError(f"secure is true or false, not {secure!r}")
    try:
        return _decision(backend.explain(what, secure=secure == "true", **arguments))
    except ValueError as error:  # no such bucket or caller
        raise NotFoundError(str(error)) from None


def _callers(backend: Backend, request: ControlRequest) -> Document:
    sessions = {principal.access_key: principal.arn for principal in backend.accounts.principals if principal.session_token}
    named = [{"caller": arn, "name": arn} for arn in backend.accounts.arns]
    temporary = [{"caller": key, "name": f"{arn} ({key})"} for key, arn in sessions.items()]
    return {"callers": [*named, *temporary, {"caller": "anonymous", "name": "anonymous"}]}


def _access(backend: Backend, request: ControlRequest) -> Document:
    bucket, key = _find_bucket(backend, request), request.query.get("key") or None
    operations = BUCKET_OPERATIONS if key is None else OBJECT_OPERATIONS
    rows = []
    for caller in _callers(backend, request)["callers"][:MAX_ROWS]:
        row = [backend.explain(name, bucket=bucket.name, key=key, caller=caller["caller"]) for name in operations]
        rows.append({**caller, "decisions": [_decision(decision) for decision in row]})
    return {"bucket": bucket.name, "key": key, "operations": operations, "callers": rows}


def _operations(backend: Backend, request: ControlRequest) -> Document:
    from ..operations.loading import implemented

    return {"operations": sorted(implemented())}


# --- snapshots -------------------------------------------------------------------------------------------------------


def _store(backend: Backend, name: str) -> Store:
    if name not in backend.snapshots:
        raise NotFoundError(f"no snapshot {name!r}")
    return backend.snapshots[name].store


def _diff(backend: Backend, request: ControlRequest) -> Document:
    before = _store(backend, _required(request, "from"))
    to = request.query.get("to")
    after = backend.store.copy() if not to else _store(backend, to)
    found = list(differences(before, after))
    offset, limit = _number(request, "offset", 0), _number(request, "limit", 100, MAX_ROWS)
    return {"differences": [one._asdict() for one in found[offset : offset + limit]], "total": len(found)}


def _remove_snapshot(backend: Backend, request: ControlRequest) -> Document:
    if backend.snapshots.pop(request.path_values[0], None) is None:
        raise NotFoundError(f"no snapshot {request.path_values[0]!r}")
    return {"name": request.path_values[0]}


INSPECTOR_ENDPOINTS = (
    control_endpoint(
        "GET",
        "buckets/{bucket}/objects",
        "Return a page of the objects in order of their keys, deleted ones with versions included.",
        _objects,
        query={"prefix": "only keys that begin with it", "after": "only keys after this one", **_LIMIT},
    ),
    control_endpoint(
        "GET",
        "buckets/{bucket}/object",
        "Return one object with its versions and the beginning of its content.",
        _object,
        query={"key": "the key", "version_id": "the version to show; the newest if absent"},
    ),
    control_endpoint(
        "GET",
        "buckets/{bucket}/uploads",
        "Return a page of the open uploads.",
        _uploads,
        query={"offset": "how many uploads to leave out", **_LIMIT},
    ),
    control_endpoint(
        "GET",
        "buckets/{bucket}/upload",
        "Return one open upload: its parts, gaps, overwritten parts, and what Complete would make of all parts.",
        _upload,
        query={"id": "the upload's id"},
    ),
    control_endpoint("GET", "buckets/{bucket}/configuration", "Return the bucket's configurations.", _configuration),
    control_endpoint(
        "GET",
        "buckets/{bucket}/access",
        "Return who may do what with the bucket, or with an object, and why.",
        _access,
        query={"key": "a key; the bucket itself if absent"},
    ),
    control_endpoint(
        "GET", "explain", "Return whether a caller may do something, and which statement decides.", _explain, query=_EXPLAIN
    ),
    control_endpoint("GET", "callers", "List the callers: roots, users, sessions, anonymous.", _callers),
    control_endpoint("GET", "operations", "List the names of the operations.", _operations),
    control_endpoint("GET", "calls/stream", "Wait for calls, and send them as server-sent events.", stream_calls, query=STREAM),
    control_endpoint("GET", "calls/{number}", "Return one call.", _call),
    control_endpoint("GET", "diff", "Return a page of the differences between two snapshots.", _diff, query=_DIFF),
    control_endpoint("DELETE", "snapshots/{name}", "Remove a snapshot.", _remove_snapshot),
)
