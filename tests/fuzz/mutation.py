"""Valid requests with something changed, and forms of browsers."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from urllib.parse import quote

from fakes3part.message import Payload, Request
from tests.fuzz import grammar, texts
from tests.fuzz.texts import Dice
from tests.support.post_forms import BOUNDARY, form

FIELDS = [
    "key", "acl", "policy", "Content-Type", "x-amz-meta-a", "tagging", "success_action_status", "success_action_redirect",
    "x-amz-algorithm", "x-amz-date", "x-amz-credential", "x-amz-signature", "AWSAccessKeyId", "signature", "x-amz-checksum-crc32",
    "x-amz-storage-class", "é", "",
]  # fmt: skip
POLICIES: list[object] = [
    {
        "expiration": "2090-01-01T00:00:00Z",
        "conditions": [{"bucket": "bucket"}, ["starts-with", "$key", ""], ["content-length-range", 0, 10]],
    },
    {"expiration": "2090-01-01T00:00:00Z", "conditions": [["content-length-range", "9" * 5000, 10**400]]},
    {"expiration": 5, "conditions": {}},
    {"expiration": "0001-01-01T00:00:00Z", "conditions": [[]]},
    {"expiration": "2090-01-01T00:00:00Z", "conditions": [["eq", 1, None], 5, {"a": {}}, ["x", "$y", "z"]]},
    [],
    None,
]

Change = Callable[[Dice, Request, bytes], bytes]


def mutated(random: Dice, original: Request) -> Request:
    """Return a valid request with one to three changes."""
    request = Request(
        original.method, original.host, original.path, original.query, dict(original.headers), scheme=original.scheme
    )
    body, trailers = original.payload
    for _ in range(random.choice((1, 1, 2, 3))):
        body = random.choice(_CHANGES)(random, request, body)
    request._payload = Payload(body, trailers)
    return request


def _header(random: Dice, request: Request, body: bytes) -> bytes:
    if request.headers:
        name = random.choice(list(request.headers))
        request.headers[name] = _changed(random, request.headers[name])
    return body


def _without_header(random: Dice, request: Request, body: bytes) -> bytes:
    if request.headers:
        del request.headers[random.choice(list(request.headers))]
    return body


def _new_header(random: Dice, request: Request, body: bytes) -> bytes:
    request.headers[random.choice(HEADERS)] = texts.odd(random)
    return body


def _query(random: Dice, request: Request, body: bytes) -> bytes:
    pairs = request.query.split("&") if request.query else []
    if pairs and random.random() < 0.6:
        place = random.randrange(len(pairs))
        name, equals, value = pairs[place].partition("=")
        pairs[place] = f"{name}{equals}{quote(_changed(random, value).encode('utf-8', 'surrogatepass'))}"
    else:
        pairs.append(random.choice(PARAMETERS) + quote(texts.odd(random).encode("utf-8", "surrogatepass")))
    request.query = "&".join(pairs)
    return body


def _path(random: Dice, request: Request, body: bytes) -> bytes:
    request.path = _changed(random, request.path)
    return body


def _host(random: Dice, request: Request, body: bytes) -> bytes:
    request.host = request.headers["host"] = grammar.host(random, random.choice(grammar.SERVICES))
    return body


def _method(random: Dice, request: Request, body: bytes) -> bytes:
    request.method = random.choice(("GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS"))
    return body


def _body(random: Dice, request: Request, body: bytes) -> bytes:
    place = random.randrange(len(body) + 1)
    piece = random.choice((b"", b"\x00", b"<", b">", b"</", b"&", b"9" * 5000, b"\xff\xfe", b'"', b"\r\n", body[:50]))
    return body[:place] + piece + body[place + random.randrange(10) :]


def _number_in_body(random: Dice, request: Request, body: bytes) -> bytes:
    digits = [place for place, byte in enumerate(body) if 48 <= byte <= 57]
    if digits:
        place = random.choice(digits)
        return body[:place] + texts.number(random).encode() + body[place + 1 :]
    return body


_CHANGES: list[Change] = [
    _header,
    _header,
    _without_header,
    _new_header,
    _query,
    _path,
    _host,
    _method,
    _body,
    _body,
    _number_in_body,
]

HEADERS = [
    "range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "content-length", "content-encoding",
    "content-md5", "content-type", "expires", "x-amz-date", "date", "x-amz-content-sha256", "x-amz-decoded-content-length",
    "x-amz-trailer", "x-amz-checksum-crc32", "x-amz-checksum-sha256", "x-amz-checksum-type", "x-amz-sdk-checksum-algorithm",
    "x-amz-copy-source", "x-amz-copy-source-range", "x-amz-copy-source-if-modified-since", "x-amz-acl", "x-amz-grant-read",
    "x-amz-tagging", "x-amz-meta-a", "x-amz-storage-class", "x-amz-website-redirect-location", "x-amz-mfa",
    "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date", "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id", "x-amz-server-side-encryption-context", "x-amz-request-payer",
    "x-amz-server-side-encryption-customer-key", "x-amz-expected-bucket-owner", "x-amz-security-token", "x-amz-object-attributes",
    "x-amz-mp-object-size", "x-amz-write-offset-bytes", "x-amz-rename-source", "origin", "access-control-request-method",
    "expect", "x-amz-target", "x-amz-account-id", "x-amz-outpost-id", "x-amz-region-set", "x-amz-max-parts",
    "x-amz-part-number-marker",
]  # fmt: skip
PARAMETERS = [
    "acl=", "cors=", "tagging=", "uploads=", "uploadId=", "partNumber=", "versionId=", "versions=", "list-type=", "max-keys=",
    "max-uploads=", "max-parts=", "marker=", "continuation-token=", "start-after=", "encoding-type=", "delimiter=", "prefix=",
    "response-expires=", "response-content-type=", "X-Amz-Algorithm=", "X-Amz-Credential=", "X-Amz-Date=", "X-Amz-Expires=",
    "X-Amz-Signature=", "X-Amz-SignedHeaders=", "AWSAccessKeyId=", "Expires=", "Signature=", "policy=", "retention=", "restore=",
    "select=", "attributes=", "annotation=", "annotationName=", "session=",
    "id=", "x-id=", "analytics=", "object-lock=", "inventory=", "metrics=", "intelligent-tiering=",
    "renameObject=",
]  # fmt: skip


def _changed(random: Dice, text: str) -> str:
    chance = random.random()
    if chance < 0.3 or not text:
        return texts.odd(random)
    place = random.randrange(len(text))
    if chance < 0.5:
        return text[:place]
    piece = random.choice((*"\x00%/?&=,;:\"' <é", "", "%00", "9" * 30, "\ud800", text[:20]))
    return text[:place] + piece + text[place + random.randrange(4) :]


def browser_form(random: Dice) -> Request:
    """Return a POST of a form, rarely a good one."""
    fields = {
        name: texts.odd(random) if random.random() < 0.3 else texts.text(random, name)
        for name in random.sample(FIELDS, random.randrange(8))
    }
    if random.random() < 0.8:
        fields["key"] = random.choice(("k", "new/${filename}", texts.odd(random)))
    if random.random() < 0.4:
        policy = json.dumps(random.choice(POLICIES)) if random.random() < 0.8 else random.choice(texts.DOCUMENTS)
        fields["policy"] = base64.b64encode(policy.encode()).decode()
    body = form(
        {name: value.encode("utf-8", "surrogatepass") for name, value in fields.items()},
        filename=random.choice((None, "f.txt", 'a"b')),
    )  # type: ignore[misc]
    boundary = BOUNDARY
    if random.random() < 0.3:
        boundary = random.choice(("", '"', "x" * 100, BOUNDARY[:-1], texts.odd(random)))
    if random.random() < 0.2:
        place = random.randrange(len(body))
        body = body[:place] + random.choice((b"", b"\r\n", b"--", b"\x00", b'"')) + body[place + random.randrange(20) :]
    headers = {"content-type": f"multipart/form-data; boundary={boundary}", "content-length": str(len(body))}
    return Request(
        "POST",
        random.choice(("localhost", "bucket.s3.amazonaws.com")),
        random.choice(("/bucket", "/bucket/", "/plain", "/")),
        "",
        headers,
        body,
    )
