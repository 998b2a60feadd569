"""PostObject: stores an object from a browser's form. It works like PutObject.

The form's fields take the place of PutObject's headers, and contain the signature and the policy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote, urlencode, urlsplit, urlunsplit
from xml.parsers.expat import ExpatError, ParserCreate

from ...auth import expected_owner
from ...auth.authorization.operation import check_payer
from ...auth.policies.actions import required_actions
from ...auth.post_form import authenticate_form, form_region
from ...auth.post_policy import FormUpload, check_post_policy, parse_post_policy
from ...auth.signatures.sigv4 import parse_timestamp
from ...auth.signing_region import follows_signature
from ...clock import Clock
from ...errors import S3Error, invalid_argument
from ...message import Request
from ...protocol.aws_hosts import parse_host
from ...protocol.documents import Reader, compile_reader, malformed
from ...protocol.header_names import header_names
from ...protocol.model import s3_model
from ...protocol.multipart_form import KEY, Form, missing_field, parse_boundary, post_response, read_form
from ...rules.checksums import sent_checksum
from ...rules.metadata import FormMetadata
from ...rules.names import check_key
from ...rules.sse_c import check_transport
from ...rules.tags import parse_object_tags
from ..context import Context
from ..object_url import object_url
from ..registry import Output, Params, check_members, operation
from ..request_body import check_declared
from ..write_head import check_write_head
from .put_object import store_object

_SYSTEM = frozenset(
    {"cache-control", "content-disposition", "content-encoding", "content-language", "content-md5", "content-type", "expires"}
)
_CLIENT_HEADERS = ("host", "user-agent", "referer")
"""Headers of the HTTP request that are used all the same: bucket policies can have conditions on them."""

_META = "x-amz-meta-"
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9a-z]+", re.ASCII)
_NOT_LATIN = re.compile("[^\\x20-\\x7e\\xa0-\\xff]")


def _check_form_headers(params: Params, headers: Mapping[str, str]) -> None:
    """Raise unless the headers are those of a form whose length is declared."""
    parse_boundary(headers.get("content-type", ""))
    check_declared(headers, header_names(headers))


@operation("PostObject", check_head=_check_form_headers)
def post_object(context: Context, params: Params) -> Output:
    """Store the file of a form, if its signature, its policy and the caller's permissions allow it.

    Raises:
        S3Error: of the form (`read_form`), its signature (`authenticate_form`), its policy (`check_post_policy`), or PutObject.
    """
    boundary = parse_boundary(context.request.headers.get("content-type", ""))
    form = read_form(boundary, context.request.payload.data, context.settings.max_form_size)
    if len(form.data) > context.settings.max_upload:
        raise S3Error("EntityTooLarge", ProposedSize=len(form.data), MaxSizeAllowed=context.settings.max_upload)
    if context.store.usage is not None:
        context.store.usage.received(len(form.data))
    fields, bucket = form.fields, context.bucket
    if KEY not in fields:
        raise missing_field(KEY)
    endpoint = parse_host(context.request.host)
    if follows_signature(context.environment, endpoint):
        context.region = form_region(fields) or context.region
    context.caller = authenticate_form(context.environment, context.request, fields, bucket, endpoint, context.region)
    if not context.caller.is_anonymous:
        upload = FormUpload({"bucket": bucket.name, **_policy_fields(fields)}, len(form.data))
        check_post_policy(parse_post_policy(fields["policy"]), upload, _now_of_signer(context.clock, fields))
    context.request = _as_put_request(context.request, fields)
    expected_owner.check_format(context.request.headers)
    expected_owner.check_owner(context.request.headers, bucket)
    check_payer(context.request.headers)
    key = params["Key"] = fields[KEY]
    for action in required_actions("PostObject", context.request.headers, {}):
        context.authorize(action, bucket, key)
    if not key:
        raise invalid_argument("User key must have a length greater than 0.", KEY, "")
    check_key(key)
    return _response(
        context,
        form,
        key,
        store_object(context, _put_params(context, key), form.data, sent_checksum(context.request.headers), "ObjectCreated:Post"),
    )


def _policy_fields(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that the policy has to allow. A field ``bucket`` is ignored: the URL names the bucket."""
    return {name: text for name, text in fields.items() if name != "bucket"}


# --- the form as PutObject's headers ---------------------------------------------------------------------------------


def _now_of_signer(clock: Clock, fields: Mapping[str, str]) -> datetime:
    """Return the time by the clock that the form was signed by, for comparison with the policy's expiration."""
    date = parse_timestamp(fields.get("x-amz-date", ""))
    if date is None:
        return clock.now()
    return min(clock.now() - (signed - date) for signed in clock.possible_signing_times(date))


def _as_put_request(request: Request, fields: Mapping[str, str]) -> Request:
    """Return a request that has the fields as headers."""
    headers = {name: request.headers[name] for name in _CLIENT_HEADERS if name in request.headers}
    for name, text in fields.items():
        if name.startswith(_META):
            headers[_metadata_header(name)] = text
        elif name in _SYSTEM or name.startswith("x-amz-"):
            headers[name] = _NOT_LATIN.sub(" ", text)
    if "acl" in fields:
        headers["x-amz-acl"] = fields["acl"]
    if "tagging" in fields:
        headers["x-amz-tagging"] = _tagging(fields["tagging"])
    target = request.host, request.path, request.query
    return Request(request.method, *target, headers, scheme=request.scheme, client=request.client)


def _metadata_header(name: str) -> str:
    """Return the name of a metadata field, if it can be an HTTP header's name.

    Raises:
        S3Error: InvalidArgument.
    """
    if not _TOKEN.fullmatch(name):
        raise invalid_argument("Metadata names must be valid names of HTTP headers.", name, "")
    return name


@lru_cache(1)
def _tagging_reader() -> Reader:
    return compile_reader("Tagging", s3_model().operations["PutObjectTagging"].input_shape.member("Tagging"))


def _tagging(document: str) -> str:
    """Return the XML of a ``tagging`` field as the value of ``x-amz-tagging``.

    Malformed XML is MalformedXML; XML of another shape counts as no tags (recorded from AWS).

    Raises:
        S3Error: MalformedXML, and of `parse_object_tags`.
    """
    data = document.encode()
    try:
        tag_set = _tagging_reader()(data).get("TagSet", ())
    except S3Error:
        try:
            ParserCreate("utf-8").Parse(data, True)
        except ExpatError:
            raise malformed() from None
        return ""
    return urlencode(parse_object_tags(tag_set))


def _put_params(context: Context, key: str) -> Params:
    """Return the fields as PutObject's params, converted and checked as its headers are.

    Raises:
        S3Error: NotImplemented for unsupported members, or of a header's conversion.
    """
    params = s3_model().operations["PutObject"].parse(context.bucket.name, key, {}, context.request.headers, bytes)
    check_members("PostObject", params)
    if context.request.scheme == "http" and context.settings.strict_sse_c:
        check_transport(params)
    check_write_head(params, context.request.headers)
    if "Metadata" in params:
        params["Metadata"] = FormMetadata(params["Metadata"])
    return params


# --- the response ----------------------------------------------------------------------------------------------------


def _response(context: Context, form: Form, key: str, output: Output) -> Output:
    """Return the response that the form specifies: a redirect, another status, 201 with a document, or else 204."""
    etag, name = output["ETag"], context.bucket.name
    location = object_url(context, name, key)
    target = _redirect(form.fields, name, key, etag)
    if target is not None:
        context.status = 303
        return {**output, "Location": target}
    output = {**output, "Location": location}
    status = form.fields.get("success_action_status")
    if status == "200":
        context.status = 200
    elif status == "201":
        context.status = 201
        output |= {"ContentType": "application/xml", "Body": post_response(location, name, key, etag)}
    return output


def _redirect(fields: Mapping[str, str], bucket: str, key: str, etag: str) -> str | None:
    """Return the target of ``success_action_redirect`` (or ``redirect``, its old name); None: it is no absolute URL."""
    url = fields.get("success_action_redirect") or fields.get("redirect", "")
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or not url.isascii() or not url.isprintable():
            return None
    except ValueError:
        return None
    added = urlencode({"bucket": bucket, "key": key, "etag": etag}, quote_via=quote, safe="")
    return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))
