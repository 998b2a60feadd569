"""Every operation of the installed botocore: we parse what its serializer writes, and its parser reads what we write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import datetime, timedelta, timezone
from itertools import count
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from botocore import handlers
from botocore.awsrequest import HeadersDict
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from fakes3part.protocol.address import parse_address
from fakes3part.protocol.aws_hosts import DIRECTORY_CONTROL
from fakes3part.protocol.model import Operation, s3_model
from fakes3part.protocol.routes import route

SERVICE = ServiceModel(deepcopy(Loader().load_service_model("s3", "service-2")), "s3")  # clients modify the shared one
OPERATIONS = list(SERVICE.operation_names)
HOSTS = {
    "ListDirectoryBuckets": "s3express-control.us-east-1.amazonaws.com",
    "WriteGetObjectResponse": "route.s3-object-lambda.us-east-1.amazonaws.com",
}
"""Operations with endpoints of their own."""
NOON = datetime(2026, 2, 21, 12, 17, 1, tzinfo=timezone.utc)

Shape = Any  # botocore's structures, lists and leaves, which its stubs tell apart and a walk does not
HOSTILE = 'a b+c%20d/é😀&<tag>"quoted"\'\r\nnext\tline'
HEADER = 'a b+c%20d&<tag>"quoted"\'; é'


def eclipsed(shape: Shape, name: str) -> bool:
    """Return whether a member is never read back: the deprecated notification shapes have two for the element ``Event``."""
    return name == "Event" and "Events" in shape.members


class MakeUp:
    """Makes values for every member of a shape, all different if their type allows it."""

    def __init__(self) -> None:
        self.numbers = count(1)

    def value(self, shape: Shape, text: str) -> Any:
        number = next(self.numbers)
        if shape.type_name == "structure":
            members = [item for item in shape.members.items() if not eclipsed(shape, item[0])]
            if getattr(shape, "is_tagged_union", False):
                members = members[:1]
            return {name: self.value(member, text) for name, member in members}
        if shape.type_name == "list":
            return [self.value(shape.member, text), self.value(shape.member, text)]
        if shape.type_name == "map":
            return {f"key-{number}": text, "other": f"{text} {number}"}
        if shape.type_name == "timestamp":
            return NOON + timedelta(seconds=number)
        if shape.type_name == "boolean":
            return number % 2 == 0
        if shape.type_name == "integer":
            return number
        if shape.type_name == "long":
            return number + 2**40
        if shape.type_name == "blob":
            return f"bytes {number} é".encode()
        assert shape.type_name == "string", shape
        enum = shape.enum
        return enum[number % len(enum)] if enum else f"{text} {number}"

    def members(self, shape: Shape) -> dict[str, Any]:
        made = {}
        for name, member in shape.members.items():
            location, wire_name = member.serialization.get("location"), member.serialization.get("name", "")
            becomes_header = location in ("header", "headers") or wire_name.startswith("response-")
            made[name] = self.value(member, HEADER if becomes_header else HOSTILE)
        return made


def replacement(operation: OperationModel) -> str:
    """Return the operation that replaced a deprecated one, with the same request line; the operation itself if none did."""
    if not operation.deprecated:
        return operation.name
    same = [name for name in OPERATIONS if name != operation.name and SERVICE.operation_model(name).http == operation.http]
    assert len(same) == 1
    return same[0]


def send(operation: OperationModel, params: dict[str, Any]) -> tuple[str, dict[str, str], dict[str, str], bytes]:
    """Return (path, query, headers, body) as they are sent."""
    request = create_serializer("rest-xml").serialize_to_request(params, operation)
    if request["body"].startswith(b"<"):  # the client does this to documents
        handlers.escape_xml_payload(request)
    path, _, literal = request["url_path"].partition("?")
    query = literal + "&" + urlencode(request["query_string"], quote_via=quote)
    headers = {name.lower(): value for name, value in request["headers"].items()}
    return path, dict(parse_qsl(query, keep_blank_values=True)), headers, request["body"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_we_route_and_parse_a_request_of_botocore(name: str) -> None:
    operation = SERVICE.operation_model(name)
    params = MakeUp().members(operation.input_shape)
    for host_label in {"Bucket", "RequestRoute"} & params.keys():
        params[host_label] = "bucket"
    path, query, headers, body = send(operation, params)

    address = parse_address(HOSTS.get(name, "s3.us-east-1.amazonaws.com"), path)
    if name != "WriteGetObjectResponse":
        assert (address.bucket, address.key) == (params.get("Bucket"), params.get("Key"))
    directory = address.endpoint.kind is DIRECTORY_CONTROL
    routed = route(operation.http["method"], address.level, query, headers, directory=directory)
    assert routed.name == replacement(operation)

    assert s3_model().operations[name].parse(address.bucket, address.key, query, headers, lambda: body) == params


class Stream:
    """The body of an HTTP response, as botocore's event stream reads it."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def stream(self) -> Iterator[bytes]:
        yield self.data

    def close(self) -> None:
        pass


def receive(operation: OperationModel, headers: list[tuple[str, str]], body: bytes) -> dict[str, Any]:
    """Return what botocore parses from our response, with streams read to their end."""
    shape: Shape = operation.output_shape
    payload = shape.serialization.get("payload") if shape is not None else None
    kind = shape.members[payload] if shape is not None and payload else None
    streaming = kind is not None and (kind.type_name == "blob" or kind.serialization.get("eventstream"))
    response = {
        "headers": HeadersDict(headers),
        "body": Stream(body) if streaming else body,
        "status_code": 200,
        "context": {"operation_name": operation.name},
    }
    parsed: dict[str, Any] = create_parser("rest-xml").parse(response, shape)
    del parsed["ResponseMetadata"]
    if operation.name == "GetBucketLocation":
        response = SimpleNamespace(raw=body, content=body)
        handlers.parse_get_bucket_location(parsed, response)
    for value in parsed.values():
        if isinstance(value, dict) and "Events" in value:
            value.pop("Event", None)  # see `eclipsed`: what botocore reads there are XML nodes
    if payload and streaming:
        parsed[payload] = list(parsed[payload]) if kind and kind.type_name == "structure" else parsed[payload].data
    return parsed


def made_up_output(operation: OperationModel) -> dict[str, Any]:
    shape = operation.output_shape
    if shape is None:
        return {}
    output = MakeUp().members(shape)
    for name, member in shape.members.items():
        if member.serialization.get("eventstream"):
            output[name] = [{event: value} for event, value in output[name].items()]
    return output


def serialize(operation: Operation, output: Mapping[str, Any]) -> tuple[list[tuple[str, str]], bytes]:
    headers, segments = operation.serialize(output)
    return headers, b"".join(segments)


@pytest.mark.parametrize("name", OPERATIONS)
def test_botocore_parses_our_response(name: str) -> None:
    operation = SERVICE.operation_model(name)
    output = made_up_output(operation)
    headers, body = serialize(s3_model().operations[name], output)
    assert receive(operation, headers, body) == output
    assert not any(name.lower() == "content-length" for name, _ in headers) or "ContentLength" in output


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_output_member_that_the_model_lacks_is_named(name: str) -> None:
    with pytest.raises(AssertionError, match="Frobnication"):
        s3_model().operations[name].serialize({"Frobnication": "x"})


def test_the_model_is_whole() -> None:
    assert set(s3_model().operations) == set(OPERATIONS)
    assert len(OPERATIONS) >= 116


def test_traits_of_operations() -> None:
    operations = s3_model().operations
    traits = {name: (o.method, o.level, o.status, o.streaming_input, o.parse_body is not None) for name, o in operations.items()}
    assert traits["UploadPart"] == ("PUT", "object", 200, True, True)
    assert traits["UploadPartCopy"] == ("PUT", "object", 200, False, False)
    assert traits["AbortMultipartUpload"] == ("DELETE", "object", 204, False, False)
    assert traits["DeleteObjects"] == ("POST", "bucket", 200, False, True)
    assert traits["SelectObjectContent"] == ("POST", "object", 200, False, True)
    assert traits["ListBuckets"] == ("GET", "service", 200, False, False)
    assert traits["PutBucketPolicy"] == ("PUT", "bucket", 204, False, True)
