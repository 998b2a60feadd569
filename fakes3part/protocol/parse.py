"""Parses requests into params: what a boto3 caller would pass to the operation, in the model's types.

An operation has two parsers: of what a request has besides its body, which S3 refuses before it looks for the bucket, and of the
body. Each is compiled at its first use. They loop over what the request has, never over what the model allows (a PutObject has
five headers and may have fifty).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn, TypeAlias

from ..errors import S3Error, invalid_argument
from .documents import compile_reader
from .header_names import HeaderNames
from .parameters import Convert, converter, missing
from .query import hoisted_header
from .shapes import Shape

Params: TypeAlias = dict[str, Any]
Texts: TypeAlias = Mapping[str, str]
HeadParser: TypeAlias = Callable[["str | None", "str | None", Texts, Texts, HeaderNames], Params]
"""(bucket, key, query, headers, their names) -> params. Query: decoded values by name; headers: by lower-case name.

Raises S3Error."""

BodyParser: TypeAlias = Callable[[Params, bytes], None]
"""Adds to the params what the body holds. Raises S3Error."""

_Field: TypeAlias = "tuple[str, Convert | None]"


_ENCRYPTION = "x-amz-server-side-encryption"
_LISTINGS = frozenset({"DeleteObjects", "ListMultipartUploads", "ListObjectVersions", "ListObjects", "ListObjectsV2"})


_NEED_A_BODY = frozenset(
    {
        "CreateBucketMetadataConfiguration",
        "CreateBucketMetadataTableConfiguration",
        "DeleteObjects",
        "PutBucketAbac",
        "PutBucketAccelerateConfiguration",
        "PutBucketCors",
        "PutBucketEncryption",
        "PutBucketLifecycle",
        "PutBucketLifecycleConfiguration",
        "PutBucketLogging",
        "PutBucketNotification",
        "PutBucketNotificationConfiguration",
        "PutBucketOwnershipControls",
        "PutBucketReplication",
        "PutBucketRequestPayment",
        "PutBucketTagging",
        "PutBucketVersioning",
        "PutBucketWebsite",
        "PutObjectLockConfiguration",
        "PutPublicAccessBlock",
        "UpdateBucketMetadataAnnotationTableConfiguration",
        "UpdateBucketMetadataInventoryTableConfiguration",
        "UpdateBucketMetadataJournalTableConfiguration",
    }
)
"""Operations that call an empty body MissingRequestBodyError; to others it is MalformedXML, or no document.

Recorded from AWS, September 2026, for DeleteObjects and PutBucketAbac; moto's tests on AWS: PutObjectLockConfiguration;
aws-sdk-cpp's issue 733: PutBucketNotificationConfiguration. The others are assumed.
"""


def _refuse_encryption(value: str) -> NoReturn:
    raise invalid_argument(f"{_ENCRYPTION} header is not supported for this operation.", _ENCRYPTION, value)


def _fields(operation: str, shape: Shape, location: str) -> dict[str, _Field]:
    """Return wire name -> (member, converter) of the members in one location."""
    fields: dict[str, _Field] = {}
    for name, member in shape.members():
        if member.location == location:
            wire_name = member.wire_name or name
            wire_name = wire_name if location == "querystring" else wire_name.lower()
            fields[wire_name] = (name, converter(operation, wire_name, member))
    return fields


def _header_map(shape: Shape) -> tuple[str, str]:
    """Return prefix and member of the header map (``x-amz-meta-``, Metadata); without one, a prefix that no header has."""
    for name, member in shape.members():
        if member.location == "headers":
            return (member.wire_name or "").lower(), name
    return "\0", ""


def _required_members(shape: Shape) -> list[tuple[str, str, str]]:
    """Return (member, location, wire name) of the required headers and query parameters."""
    required = []
    for name in shape.required:
        member = shape.member(name)
        if member.location in ("header", "querystring"):
            required.append((name, member.location, member.wire_name or name))
    return required


def compile_body_parser(operation: str, shape: Shape, root: str | None = None) -> BodyParser | None:
    """Compile the parser of an operation's bodies; None: its requests have none.

    ``root``: the root of the document if the input shape itself is the body; None: the shape's name.
    """
    payload = shape.payload
    if payload is None:
        inline = [name for name, _ in shape.body()]
        return _inline_parser(shape, root or shape.name) if inline else None
    member = shape.member(payload)
    if member.type == "structure":
        empty = None
        if operation in _NEED_A_BODY and "bucket" in _fields(operation, shape, "uri"):  # S3 Control has operations of these names
            empty = "MissingRequestBodyError"
        elif payload in shape.required:
            empty = "MalformedXML"
        return _document_parser(payload, member, empty)
    is_text = member.type == "string"

    def parse_payload(params: Params, body: bytes) -> None:
        params[payload] = body.decode("utf-8", "replace") if is_text else body

    return parse_payload


def _document_parser(payload: str, member: Shape, empty: str | None) -> BodyParser:
    """Return the parser of a document. ``empty`` is the code of the error of an empty body; None: it counts as no document."""
    read = compile_reader(member.wire_name or payload, member)

    def parse_document(params: Params, body: bytes) -> None:
        if body:
            params[payload] = read(body)
        elif empty is not None:
            raise S3Error(empty)

    return parse_document


def _inline_parser(shape: Shape, root: str) -> BodyParser:
    """Return the parser of a body that is the input shape itself (SelectObjectContent)."""
    read = compile_reader(root, shape)

    def parse_inline(params: Params, body: bytes) -> None:
        params.update(read(body))

    return parse_inline


def compile_head_parser(operation: str, shape: Shape) -> HeadParser:
    """Compile the parser of what an operation's requests have besides their body."""
    in_headers = _fields(operation, shape, "header")
    in_query = _fields(operation, shape, "querystring")
    prefix, map_name = _header_map(shape)
    required = _required_members(shape)
    in_path = _fields(operation, shape, "uri")
    has_bucket, has_key = "bucket" in in_path, "key" in in_path
    if has_key or operation in _LISTINGS:
        # Sources: issues irods_resource_plugin_s3 1838, fog-aws 589, ClickHouse 64570, s3cmd 276; botocore's model documentation
        # of GetObject. That the header is refused by other operations on objects, and by all listings, is assumed.
        in_headers.setdefault(_ENCRYPTION, (_ENCRYPTION, _refuse_encryption))

    def take_header(params: Params, name: str, text: str) -> None:
        field = in_headers.get(name)
        if field is not None:
            member, convert = field
            value = text if convert is None else convert(text)
            if value is not None:
                params[member] = value
        elif name.startswith(prefix):
            params.setdefault(map_name, {})[name[len(prefix) :]] = text

    def fields_of(names: Iterable[str]) -> tuple[tuple[str, _Field | None], ...]:
        """Return the headers that mean something here, with their fields; None: they belong to the map."""
        return tuple((name, in_headers.get(name)) for name in names if name in in_headers or name.startswith(prefix))

    def parse_head(bucket: str | None, key: str | None, query: Texts, headers: Texts, names: HeaderNames) -> Params:
        params: Params = {}
        if has_bucket:
            params["Bucket"] = bucket
        if has_key:
            params["Key"] = key
        for name, text in query.items():
            field = in_query.get(name)
            if field is not None:
                member, convert = field
                value = text if convert is None else convert(text)
                if value is not None:
                    params[member] = value
                continue
            header = hoisted_header(name)
            if header is not None and header not in headers:
                take_header(params, header, text)
        fields = names.fields.get(parse_head)
        if fields is None:
            fields = names.fields[parse_head] = fields_of(headers)
        for name, field in fields:
            if field is None:
                params.setdefault(map_name, {})[name[len(prefix) :]] = headers[name]
                continue
            member, convert = field
            value = headers[name] if convert is None else convert(headers[name])
            if value is not None:
                params[member] = value
        for member, location, wire_name in required:
            if member not in params:
                raise missing(location, wire_name)
        return params

    return parse_head
