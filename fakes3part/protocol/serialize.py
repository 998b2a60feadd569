"""Serializes outputs into headers and bodies, by the output shape, which also checks what the operations return."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from ..errors import S3Error
from ..message import Segments
from .documents import DECLARATION, NAMESPACE, encode, escape
from .eventstream import encode_error, encode_event
from .older_models import is_older_model
from .shapes import Shape
from .timestamps import http_date, iso_date
from .xml_columns import Output, structure_writer

Headers: TypeAlias = "list[tuple[str, str]]"
Serializer: TypeAlias = Callable[[Output], "tuple[Headers, Segments]"]
"""An operation's output -> its headers (Content-Type with a document, never Content-Length) and the body's segments."""

ROOTS: dict[str, str] = {
    "CompleteMultipartUpload": "CompleteMultipartUploadResult",
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "DeleteObjects": "DeleteResult",
    "GetBucketAccelerateConfiguration": "AccelerateConfiguration",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketCors": "CORSConfiguration",
    "GetBucketLifecycle": "LifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLocation": "LocationConstraint",
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketNotification": "NotificationConfiguration",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketRequestPayment": "RequestPaymentConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketWebsite": "WebsiteConfiguration",
    "GetObjectAcl": "AccessControlPolicy",
    "GetObjectAttributes": "GetObjectAttributesResponse",
    "GetObjectTagging": "Tagging",
    "ListObjectAnnotations": "ListObjectAnnotationsOutput",
    "ListBucketAnalyticsConfigurations": "ListBucketAnalyticsConfigurationsResult",
    "ListBucketIntelligentTieringConfigurations": "ListIntelligentTieringConfigurationsResult",
    "ListBucketInventoryConfigurations": "ListInventoryConfigurationsResult",
    "ListBucketMetricsConfigurations": "ListMetricsConfigurationsResult",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListDirectoryBuckets": "ListAllMyDirectoryBucketsResult",
    "ListObjectVersions": "ListVersionsResult",
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
}
"""Root elements that the model lacks; every other is the operation's name and ``Result``.

From the response syntax on each operation's page in the Amazon S3 API Reference; those of ListObjectAnnotations and of the lists
of configurations are recorded from AWS, September 2026.
"""

_ON_ONE_LINE = DECLARATION.rstrip()

DECLARATIONS: dict[str, str] = {
    "GetBucketAnalyticsConfiguration": "",
    "GetBucketIntelligentTieringConfiguration": "",
    "GetBucketInventoryConfiguration": _ON_ONE_LINE,
    "GetBucketMetricsConfiguration": _ON_ONE_LINE,
    "ListBucketAnalyticsConfigurations": "",
    "ListBucketIntelligentTieringConfigurations": "",
    "ListBucketInventoryConfigurations": _ON_ONE_LINE,
    "ListBucketMetricsConfigurations": _ON_ONE_LINE,
}
"""What S3 writes before the root element, if not the XML declaration and a line feed.

Recorded from AWS, September 2026, for the lists; assumed for a single configuration, not recorded from AWS.
"""

WITHOUT_CONTENT_TYPE = frozenset(
    {
        "GetBucketAbac",
        "GetBucketAccelerateConfiguration",
        "GetBucketAnalyticsConfiguration",
        "GetBucketCors",
        "GetBucketEncryption",
        "GetBucketIntelligentTieringConfiguration",
        "GetBucketInventoryConfiguration",
        "GetBucketLifecycle",
        "GetBucketLifecycleConfiguration",
        "GetBucketMetadataConfiguration",
        "GetBucketMetricsConfiguration",
        "GetBucketNotification",
        "GetBucketNotificationConfiguration",
        "GetBucketOwnershipControls",
        "GetBucketPolicyStatus",
        "GetBucketReplication",
        "GetBucketRequestPayment",
        "GetBucketTagging",
        "GetBucketVersioning",
        "GetBucketWebsite",
        "GetObjectAttributes",
        "GetObjectLockConfiguration",
        "GetObjectTagging",
        "GetPublicAccessBlock",
        "ListBucketAnalyticsConfigurations",
        "ListBucketIntelligentTieringConfigurations",
        "ListBucketInventoryConfigurations",
        "ListBucketMetricsConfigurations",
        "ListObjectAnnotations",
        "PutObjectAnnotation",
    }
)
"""Operations whose documents S3 sends without Content-Type.

Recorded from AWS, September 2026, for most responses about bucket configurations, tagging, attributes and annotations; not for
GetBucketLogging. Assumed: which are the others that have one (ACLs, GetBucketLocation).
"""

SPELLINGS = {"accept-ranges": "Accept-Ranges"}
"""Headers that S3 spells in another way than the model."""

# --- headers ---------------------------------------------------------------------------------------------------------


def _header_text(shape: Shape) -> Callable[[Any], str] | None:
    """Return what makes a header's text of a member's value; None: the value is text."""
    if shape.type == "string":
        return None
    if shape.type == "boolean":
        return lambda value: "true" if value else "false"
    if shape.type == "timestamp":
        format_date = iso_date if shape.date_format == "iso8601" else http_date
        # Expires is returned as it was sent, whether or not it is a date.
        return lambda value: value if isinstance(value, str) else format_date(value)
    return str


# --- bodies ----------------------------------------------------------------------------------------------------------

_Body: TypeAlias = Callable[[Output], "tuple[str | None, Segments]"]
"""The body's members -> (Content-Type, segments)."""

_XML = "application/xml"
_XMLNS = f' xmlns="{NAMESPACE}"'
_NO_LOGGING = (
    f"{DECLARATION}\n<BucketLoggingStatus{_XMLNS}>\n"
    "<!--<LoggingEnabled><TargetBucket>log-bucket</TargetBucket><TargetPrefix>logs/</TargetPrefix></LoggingEnabled>-->\n"
    "</BucketLoggingStatus>\n"
)


def _no_body(_: Output) -> tuple[str | None, Segments]:
    return None, ()


def _document(root: str, shape: Shape, payload: str | None, content_type: str | None, declaration: str = DECLARATION) -> _Body:
    """Return the writer of a document. ``content_type`` None: the response has none."""
    write = structure_writer(root, shape, _XMLNS)

    def body(members: Output) -> tuple[str | None, Segments]:
        value = members if payload is None else members.get(payload, {})
        return content_type, (encode(declaration + write([value])[0]),)

    return body


def _location(members: Output) -> tuple[str | None, Segments]:
    """Write GetBucketLocation: the root element contains the text itself, none for us-east-1."""
    region = members.get("LocationConstraint") or ""
    rest = f">{escape(region)}</LocationConstraint>" if region else "/>"
    return _XML, (encode(f"{DECLARATION}<LocationConstraint{_XMLNS}{rest}"),)


def _logging_status(shape: Shape) -> _Body:
    """Return the writer of GetBucketLogging: without logging S3 shows an example in a comment (recorded, September 2026)."""
    write = _document("BucketLoggingStatus", shape, None, _XML)

    def body(members: Output) -> tuple[str | None, Segments]:
        return write(members) if members else (_XML, (encode(_NO_LOGGING),))

    return body


def _stream(payload: str) -> _Body:
    def body(members: Output) -> tuple[str | None, Segments]:
        data = members.get(payload, ())
        return None, (data,) if isinstance(data, (bytes, memoryview)) else data

    return body


def _text(payload: str) -> _Body:
    """Return the writer of GetBucketPolicy: the policy as it was put, which is JSON."""

    def body(members: Output) -> tuple[str | None, Segments]:
        return "application/json", (encode(members.get(payload, "")),)

    return body


def _event_payload(name: str, event: Shape) -> Callable[[Output], bytes]:
    for member, shape in event.members():
        if shape.event_payload and shape.type == "blob":
            return lambda value: encode_event(name, bytes(value[member]), "application/octet-stream")
        if shape.event_payload:
            write = structure_writer(shape.name, shape)
            return lambda value: encode_event(name, encode(DECLARATION + write([value[member]])[0]), "text/xml")
    return lambda value: encode_event(name, b"", None)


def _events(payload: str, shape: Shape) -> _Body:
    writers = {name: _event_payload(name, event) for name, event in shape.members()}

    def write(event: Output | S3Error) -> bytes:
        if isinstance(event, S3Error):
            return encode_error(event.code, event.message)
        return b"".join([writers[name](value) for name, value in event.items()])

    def body(members: Output) -> tuple[str | None, Segments]:
        return None, tuple(map(write, members.get(payload, ())))

    return body


def _body(operation: str, shape: Shape) -> _Body:
    payload = shape.payload
    content_type = None if operation in WITHOUT_CONTENT_TYPE else _XML
    declaration = DECLARATIONS.get(operation, DECLARATION)
    if payload is None:
        if not any(True for _ in shape.body()):
            return _no_body
        if operation == "GetBucketLocation":
            return _location
        if operation == "GetBucketLogging":
            return _logging_status(shape)
        return _document(ROOTS.get(operation, f"{operation}Result"), shape, None, content_type, declaration)
    member = shape.member(payload)
    if member.event_stream:
        return _events(payload, member)
    if member.type == "structure":
        return _document(member.wire_name or payload, member, payload, content_type, declaration)
    return _text(payload) if member.type == "string" else _stream(payload)


def compile_serializer(operation: str, shape: Shape | None) -> Serializer:
    """Compile the serializer of one operation's output. It raises AssertionError for a member that the shape lacks.

    ``shape``: None for an operation without output.
    """
    if shape is None:

        def serialize_nothing(output: Output) -> tuple[Headers, Segments]:
            assert not output, f"{operation} has no output, but returned {', '.join(output)}"
            return [], ()

        return serialize_nothing

    in_headers: dict[str, tuple[str, Callable[[Any], str] | None]] = {}
    maps: dict[str, str] = {}
    for name, member in shape.members():
        wire_name = member.wire_name or name
        if member.location == "headers":
            maps[name] = wire_name
        elif member.location is not None:
            in_headers[name] = (SPELLINGS.get(wire_name, wire_name), _header_text(member))
    in_body = {name for name, _ in shape.body()}
    write_body = _body(operation, shape)

    def serialize(output: Output) -> tuple[Headers, Segments]:
        headers: Headers = []
        members: dict[str, Any] = {}
        for name, value in output.items():
            if value is None:
                continue
            field = in_headers.get(name)
            if field is not None:
                header, text_of = field
                headers.append((header, value if text_of is None else text_of(value)))
            elif name in in_body:
                members[name] = value
            elif name in maps:
                headers += [(maps[name] + key, text) for key, text in value.items()]
            elif not is_older_model():
                raise AssertionError(f"{operation}'s output has no member {name}")
        content_type, body = write_body(members)
        if content_type is not None:
            headers.append(("Content-Type", content_type))
        return headers, body

    return serialize
