"""Deletes the buckets that a run has created at a target, with their content, and no others."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import quote
from xml.sax.saxutils import escape

from ..message import Request
from .differences import error_of
from .documents import Node, parse
from .target import Target, TargetError


def delete_bucket(target: Target, bucket: str, region: str | None) -> str | None:
    """Delete a bucket with all versions and uploads; None: it is gone. Else what is left is returned as a sentence.

    Args:
        bucket: its name at the target.
        region: where it is; None: the target's.
    """
    try:
        problem = _empty(target, bucket, region)
        answer = target.send(Request("DELETE", "", f"/{quote(bucket)}"), region=region)
    except TargetError as error:
        return f"the bucket {bucket} is left: {error}"
    code, message = error_of(answer)
    if answer.status < 300 or code == "NoSuchBucket":
        return None
    return f"the bucket {bucket} is left: {problem or message or answer.status}"


def _empty(target: Target, bucket: str, region: str | None) -> str | None:
    """Abort uploads and delete versions; the text of the last error is returned, None if there was none."""
    path = f"/{quote(bucket)}"
    for upload in _pages(target, path, "uploads", ("KeyMarker", "UploadIdMarker"), region, "Upload"):
        key, upload_id = upload.find("Key") or "", upload.find("UploadId") or ""
        query = f"uploadId={quote(upload_id, safe='~')}"
        target.send(Request("DELETE", "", f"{path}/{quote(key, safe='/~')}", query), region=region)
    before: list[Node] = []
    while (versions := _first_versions(target, path, region)) and versions != before:
        problem = _delete(target, path, versions, region)
        if problem is not None and _delete(target, path, versions, region, bypasses=True) is not None:
            return problem
        before = versions
    return "its objects could not be deleted" if versions else None


def _first_versions(target: Target, path: str, region: str | None) -> list[Node]:
    """Return the first 1,000 versions and delete markers that are left."""
    answer = target.send(Request("GET", "", path, "versions"), region=region)
    root = parse(answer.content.data or b"") if answer.status < 300 else None
    return [] if root is None else [child for child in root.children if child.name in ("Version", "DeleteMarker")]


def _pages(
    target: Target, path: str, subresource: str, markers: tuple[str, str], region: str | None, name: str
) -> Iterator[Node]:
    query = subresource
    while True:
        answer = target.send(Request("GET", "", path, query), region=region)
        root = parse(answer.content.data or b"") if answer.status < 300 else None
        if root is None:
            return
        yield from (child for child in root.children if child.name == name)
        if root.find("IsTruncated") != "true":
            return
        key, upload = (quote(root.find(f"Next{marker}") or "", safe="~") for marker in markers)
        query = f"{subresource}&key-marker={key}&upload-id-marker={upload}"


def _delete(target: Target, path: str, versions: list[Node], region: str | None, *, bypasses: bool = False) -> str | None:
    """Delete versions; the text of the first error is returned, None if there was none.

    Args:
        bypasses: whether retention in GOVERNANCE mode is lifted, which S3 accepts in buckets with Object Lock only.
    """
    objects = "".join(
        f"<Object><Key>{escape(node.find('Key') or '')}</Key>"
        f"<VersionId>{escape(node.find('VersionId') or 'null')}</VersionId></Object>"
        for node in versions
    )
    body = f'<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{objects}<Quiet>true</Quiet></Delete>'.encode()
    digest = b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
    headers = {"content-md5": digest, "content-type": "application/xml"}
    if bypasses:
        headers["x-amz-bypass-governance-retention"] = "true"
    answer = target.send(Request("POST", "", path, "delete", headers, body), region=region)
    root = parse(answer.content.data or b"")
    failed = [child for child in root.children if child.name == "Error"] if root is not None and root.name != "Error" else []
    if answer.status >= 300:
        return error_of(answer).message or str(answer.status)
    return (failed[0].find("Message") or failed[0].find("Code")) if failed else None
