"""Random requests by botocore's models of S3, S3 Control, STS and KMS."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from functools import cache
from hashlib import md5
from typing import Any, NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import escape

from fakes3part.message import Request
from fakes3part.operations.loading import implemented
from fakes3part.protocol.aws_hosts import KMS, S3_CONTROL, STS
from fakes3part.protocol.model import load_raw
from fakes3part.protocol.shapes import Raw, Shape
from fakes3part.services.registry import operations_of
from tests.fuzz import texts
from tests.fuzz.texts import Dice

SERVICES = ("s3", "s3", "s3", "s3", "s3control", "sts", "kms")
"""S3 has the most code."""

_SERVICE_NAMES = {"s3control": S3_CONTROL, "sts": STS, "kms": KMS}
_DEPTH = 6
_LABEL = re.compile(r"\{(\w+)\+?\}")
_SAFE = "/~!$'()*,:@"

HOSTS = {
    "s3": [
        "localhost",
        "127.0.0.1:4580",
        "s3.amazonaws.com",
        "s3.us-west-2.amazonaws.com",
        "bucket.s3.amazonaws.com",
        "locked.s3.us-east-1.amazonaws.com",
        "s3.dualstack.us-east-1.amazonaws.com",
        "point-123456789012.s3-accesspoint.us-east-1.amazonaws.com",
        "op-1.s3-outposts.us-east-1.amazonaws.com",
        "dir--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com",
        "s3express-control.us-east-1.amazonaws.com",
        "bucket.s3-website-us-east-1.amazonaws.com",
        "bucket.s3-accelerate.amazonaws.com",
        "s3-fips.us-gov-west-1.amazonaws.com",
        "s3.cn-north-1.amazonaws.com.cn",
        "own.example",
        "lambda-123456789012.s3-object-lambda.us-east-1.amazonaws.com",
    ],
    "s3control": ["123456789012.s3-control.us-east-1.amazonaws.com", "s3-control.us-east-1.amazonaws.com", "localhost"],
    "sts": ["sts.amazonaws.com", "sts.us-east-1.amazonaws.com", "localhost"],
    "kms": ["kms.us-east-1.amazonaws.com", "localhost"],
}
ODD_HOSTS = [
    "",
    "[::1",
    "[::1]:80",
    "]",
    ":",
    ".",
    "..",
    "\x00",
    "\ud800",
    "é",
    "a" * 300,
    ".s3.amazonaws.com",
    "..s3.amazonaws.com",
    "bucket.s3.amazonaws.com:99999999999",
    "bucket.s3.amazonaws.com.",
    "BUCKET.S3.AMAZONAWS.COM",
    "a--x-s3.s3express-.us-east-1.amazonaws.com",
    "-.s3-accesspoint.us-east-1.amazonaws.com",
    ".s3-outposts.us-east-1.amazonaws.com",
    "s3-website.us-east-1.amazonaws.com",
    "%00.s3.amazonaws.com",
]


class OperationModel(NamedTuple):
    """An operation of a model."""

    service: str
    name: str
    raw: Raw
    input: Shape | None


@cache
def operations(service: str) -> tuple[OperationModel, ...]:
    """Return the operations of a service, those that the fake implements four times."""
    raw = load_raw(service)
    names = implemented() if service == "s3" else operations_of(_SERVICE_NAMES[service])
    return tuple(
        OperationModel(service, name, operation, Shape(raw["shapes"], operation["input"]) if "input" in operation else None)
        for name, operation in raw["operations"].items()
        for _ in range(4 if name in names else 1)
    )


def signature(random: Dice, service: str, date: str) -> dict[str, str]:
    """Return headers of a signature by an unknown key, which a lenient fake does not verify; sometimes an odd one, or none."""
    chance = random.random() if random.oddness else 0.5
    if chance < 0.08:
        return {}
    if chance < 0.12:
        return {
            "authorization": random.choice(("AWS testing:x", "AWS", "Bearer x", "AWS4-HMAC-SHA256", texts.odd(random))),
            "date": texts.date(random),
        }
    name = {"s3control": "s3", "s3": "s3express" if chance < 0.14 else "s3"}.get(service, service)
    day = date[:8] if chance < 0.97 else texts.odd(random)
    signed = "host;x-amz-date" if chance < 0.95 else "host;" + texts.odd(random)
    return {
        "authorization": f"AWS4-HMAC-SHA256 Credential=testing/{day}/us-east-1/{name}/aws4_request, "
        f"SignedHeaders={signed}, Signature={'0' * 64}",
        "x-amz-date": date if chance < 0.98 else texts.date(random),
        "x-amz-content-sha256": "UNSIGNED-PAYLOAD"
        if chance < 0.9
        else random.choice(("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "0" * 64, "x")),
    }


def host(random: Dice, service: str) -> str:
    return random.choice(ODD_HOSTS) if random.odd(0.03) else random.choice(HOSTS[service][: random.choice((2, 100))])


def request(random: Dice, date: str) -> Request:
    """Return a request for any operation of the four models."""
    random.oddness = random.choice((0, 0, 0.5, 1, 3))
    service = random.choice(SERVICES)
    operation = random.choice(operations(service))
    headers = signature(random, service, date)
    if service == "sts":
        return _sts(random, operation, headers)
    if service == "kms":
        return _kms(random, operation, headers)
    return _rest(random, operation, headers)


def _sts(random: Dice, operation: OperationModel, headers: dict[str, str]) -> Request:
    pairs = [("Action", operation.name), ("Version", "2011-06-15")]
    if operation.input is not None:
        pairs += _form_pairs(random, operation.input, "")
    if random.random() < 0.1:
        pairs.append(
            (
                random.choice(
                    (
                        "Tags.member.1",
                        "Tags.member.٣.Key",
                        f"Tags.member.{'9' * 5000}.Key",
                        "Tags.member",
                        "Tags",
                        "Tags.",
                        ".",
                        "Tags.member.-1.Key",
                        "Tags.member.1.Key.x",
                    )
                ),
                "x",
            )
        )
    body = "&".join(f"{name}={quote(value.encode('utf-8', 'surrogatepass'))}" for name, value in pairs)
    headers["content-type"] = "application/x-www-form-urlencoded; charset=utf-8"
    return Request("POST", host(random, "sts"), "/", "", headers, _spoiled(random, body.encode("utf-8", "surrogatepass")))


def _form_pairs(random: Dice, shape: Shape, prefix: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    for name, member in _present(random, shape):
        path = f"{prefix}{name}"
        if member.type == "structure" and depth < _DEPTH:
            yield from _form_pairs(random, member, f"{path}.", depth + 1)
        elif member.type == "list":
            for number in range(1, random.randrange(3) + 1):
                if member.item.type == "structure":
                    yield from _form_pairs(random, member.item, f"{path}.member.{number}.", depth + 1)
                else:
                    yield f"{path}.member.{number}", _scalar(random, name, member.item)
        else:
            yield path, _scalar(random, name, member)


def _kms(random: Dice, operation: OperationModel, headers: dict[str, str]) -> Request:
    headers["x-amz-target"] = f"TrentService.{operation.name}" if not random.odd(0.02) else "TrentService." + texts.odd(random)
    headers["content-type"] = "application/x-amz-json-1.1"
    document: Any = {} if operation.input is None else _json(random, operation.input)
    if random.odd(0.05):
        document = random.choice((None, [], "x", 5, [[[]]], {"KeyId": {}}, {"KeyId": 10**400}))
    body = json.dumps(document).encode()
    if random.odd(0.02):
        body = random.choice(
            (b"[" * 30_000, b'{"a":' * 20_000, b"", b"\xff", b"9" * 5000, b"NaN", b'{"KeyId": 1e999}', b'"\\ud800"')
        )
    return Request("POST", host(random, "kms"), "/", "", headers, _spoiled(random, body))


def _json(random: Dice, shape: Shape, name: str = "", depth: int = 0) -> Any:
    if random.odd(0.03):
        return random.choice((None, True, 0, -1, 1e308, 10**30, "", "x", [], {}, [None], {"": {}}))
    if shape.type == "structure":
        return {} if depth > _DEPTH else {key: _json(random, member, key, depth + 1) for key, member in _present(random, shape)}
    if shape.type == "list":
        return [_json(random, shape.item, name, depth + 1) for _ in range(random.randrange(3))]
    if shape.type == "map":
        return {_scalar(random, name, shape.key): _json(random, shape.value, name, depth + 1) for _ in range(random.randrange(3))}
    if shape.type in ("integer", "long"):
        return random.choice((0, 1, 7, 30, 365, 1000, -1, 2**70))
    if shape.type == "boolean":
        return random.random() < 0.5
    if shape.type == "blob":
        return base64.b64encode(random.randbytes(random.choice((0, 1, 16, 32, 200)))).decode()
    if shape.type == "timestamp":
        return random.choice((0, 1767225600, -1e18, 1e308, 253402300799, "x", texts.date(random)))
    return _scalar(random, name, shape)


def _rest(random: Dice, operation: OperationModel, headers: dict[str, str]) -> Request:
    shape, http = operation.input, operation.raw["http"]
    path, _, literals = http["requestUri"].partition("?")
    values: dict[str, str] = {}
    query = [literals] if literals else []
    body = b""
    for name, member in _present(random, shape) if shape is not None else ():
        wire_name = member.wire_name or name
        if member.location == "uri":
            values[wire_name] = _scalar(random, name, member)
        elif member.location == "querystring":
            query.append(f"{quote(wire_name)}={_quoted(random, _scalar(random, name, member))}")
        elif member.location == "header":
            headers[wire_name.lower()] = _header_text(_scalar(random, name, member))
        elif member.location == "headers":
            for _ in range(random.randrange(3)):
                headers[f"{wire_name}{random.choice('abé')}".lower()] = _header_text(texts.text(random, name))
    if shape is not None:
        body = _payload(random, operation, shape)
        headers["content-length"] = str(len(body))
        if body and random.random() < 0.6:
            headers["content-md5"] = base64.b64encode(md5(body).digest()).decode()
    path = _LABEL.sub(lambda match: _quoted(random, values.get(match[1], "bucket" if match[1] == "Bucket" else "k")), path)
    if random.odd(0.03):
        path = random.choice(("//[", "//", "/%", "/%ff/%00", "/bucket//k", "", "*", "/\ud800", "/é", "/\x00")) + path
    if random.odd(0.05):
        query.append(
            random.choice(
                (
                    "x",
                    "=",
                    "&",
                    "uploads",
                    "versionId=",
                    "a=%ff",
                    "\ud800",
                    "acl=1",
                    "partNumber=" + "9" * 5000,
                    "X-Amz-Signature",
                    "X-Amz-Expires=1e9",
                )
            )
        )
    if random.odd(0.03):
        headers[
            random.choice(
                (
                    "range",
                    "if-match",
                    "origin",
                    "x-amz-decoded-content-length",
                    "content-length",
                    "expect",
                    "x-amz-trailer",
                    "x-amz-sdk-checksum-algorithm",
                    "x-amz-website-redirect-location",
                    "\ud800",
                )
            )
        ] = texts.odd(random)
    method = (
        http["method"]
        if not random.odd(0.02)
        else random.choice(("GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH", "x", ""))
    )
    name = host(random, operation.service)
    if name.startswith(("bucket.s3.", "locked.s3.", "dir--")) and random.random() < 0.95:
        path = "/" + path.removeprefix("/").partition("/")[2]
    return Request(method, name, path, "&".join(query), headers, body)


def _payload(random: Dice, operation: OperationModel, shape: Shape) -> bytes:
    if shape.payload is not None:
        member = shape.member(shape.payload)
        if member.type in ("blob", "string"):
            text = (
                texts.text(random, shape.payload)
                if member.type == "string"
                else random.choice(
                    (
                        "",
                        "abc",
                        "a,b\n1,2\n",
                        "5;\r\nhello\r\n0\r\n\r\n",
                        "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n",
                    )
                )
            )
            return text.encode("utf-8", "surrogatepass")
        root = member.wire_name or shape.payload
    elif any(True for _ in shape.body()):
        root, member = str(operation.raw["input"].get("locationName", operation.name)), shape
    else:
        return b""
    document = f"<{root}>{_xml_content(random, member)}</{root}>"
    if random.odd(0.02):
        document = random.choice(
            (
                "",
                "<",
                "<a" * 5000,
                "<a>" * 5000,
                "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
                "\x00",
                "text",
                f"<{root}/>",
                f"<{root}>text</{root}>",
            )
        )
    return _spoiled(random, document.encode("utf-8", "surrogatepass"))


def _xml_content(random: Dice, shape: Shape, name: str = "", depth: int = 0) -> str:
    if random.odd(0.03):
        return random.choice(("", "text", "<Other>x</Other>", "<a><b/></a>", "<!-- c -->", "&lt;", "<![CDATA[x]]>", "  "))
    if shape.type == "structure" and depth < _DEPTH:
        return "".join(_element(random, key, member, depth) for key, member in _present(random, shape, in_body=True))
    if shape.type == "list":
        items = (_xml_content(random, shape.item, name, depth + 1) for _ in range(random.randrange(4)))
        tag = shape.item.wire_name or "member"
        return "".join(f"<{tag}>{item}</{tag}>" for item in items)
    if shape.type == "map":
        return f"<entry><key>a</key><value>{_scalar_xml(random, name, shape.value)}</value></entry>"
    return _scalar_xml(random, name, shape)


def _element(random: Dice, name: str, shape: Shape, depth: int) -> str:
    tag = shape.wire_name or name
    if shape.attribute:
        return ""
    if shape.type == "list" and shape.flattened:
        return "".join(
            f"<{tag}>{_xml_content(random, shape.item, name, depth + 1)}</{tag}>" for _ in range(random.randrange(1, 4))
        )
    return f"<{tag}>{_xml_content(random, shape, name, depth + 1)}</{tag}>"


def _scalar_xml(random: Dice, name: str, shape: Shape) -> str:
    return escape(_scalar(random, name, shape))


def _scalar(random: Dice, name: str, shape: Shape) -> str:
    if shape.type in ("integer", "long"):
        return texts.number(random)
    if shape.type == "boolean":
        return random.choice(("true", "false", "TRUE", "1", "")) if random.random() < 0.2 else random.choice(("true", "false"))
    if shape.type == "timestamp":
        return texts.date(random)
    return texts.text(random, name, shape.enum)


def _present(random: Dice, shape: Shape, *, in_body: bool = False) -> Iterator[tuple[str, Shape]]:
    """Yield members: nearly all required ones, and few of the others."""
    required = shape.required
    optional = random.choice((0.0, 0.1, 0.3))
    for name, member in shape.body() if in_body else shape.members():
        if random.random() < (0.97 if name in required else optional):
            yield name, member


def _quoted(random: Dice, text: str) -> str:
    if random.odd(0.05):
        return text
    return quote(text.encode("utf-8", "surrogatepass"), _SAFE)


def _header_text(text: str) -> str:
    """Return a text as doors pass it: bytes as Latin-1; surrogates stay, which only a caller of `handle` can send."""
    try:
        return text.encode().decode("latin-1")
    except UnicodeEncodeError:
        return text


def _spoiled(random: Dice, body: bytes) -> bytes:
    """Return a body, rarely cut off or with a changed byte."""
    if not body or not random.odd(0.04):
        return body
    place = random.randrange(len(body))
    return body[:place] if random.random() < 0.5 else body[:place] + random.randbytes(1) + body[place + 1 :]
