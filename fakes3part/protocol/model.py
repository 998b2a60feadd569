"""Every operation of the installed botocore's S3 model, compiled one by one as they are first used."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any, cast

from .parse import Parser, compile_parser
from .serialize import Serializer, compile_serializer
from .shapes import Raw, Shape

STATUS = dict.fromkeys(
    (
        "PutBucketAnalyticsConfiguration",
        "PutBucketIntelligentTieringConfiguration",
        "PutBucketInventoryConfiguration",
        "PutBucketPolicy",
        "PutBucketTagging",
    ),
    204,
)
"""Statuses that the model does not tell (70.3, 90.5)."""

_LITERAL = re.compile(r"([^&=]+)(?:=([^&]*))?")


class Operation:
    """One operation: what routes to it, and its two ends of the wire.

    Attributes:
        name: AWS's name, ``UploadPart``.
        method: ``GET`` ...
        level: ``service``, ``bucket`` or ``object``: what the path names.
        status: of success, unless the operation says otherwise.
        literals: the query that its request line always carries: ``{"uploads": ""}``, ``{"list-type": "2"}``.
        deprecated: a twin with the same request line took over.
    """

    def __init__(self, name: str, raw: Raw, shapes: Raw) -> None:
        path, _, query = raw["http"]["requestUri"].partition("?")
        self.name = name
        self.method: str = raw["http"]["method"]
        self.level = "object" if "{Key+}" in path else "service" if path == "/" else "bucket"
        self.status: int = STATUS.get(name) or raw["http"].get("responseCode", 200)
        self.literals: dict[str, str] = dict(_LITERAL.findall(query))
        self.deprecated = bool(raw.get("deprecated"))
        self._raw = raw
        self._shapes = shapes

    @cached_property
    def input_shape(self) -> Shape:
        return Shape(self._shapes, self._raw["input"])

    @cached_property
    def output_shape(self) -> Shape | None:
        reference = self._raw.get("output")
        return None if reference is None else Shape(self._shapes, reference)

    @cached_property
    def parse(self) -> Parser:
        """(bucket, key, query, headers, body) -> params; see `parse.Parser`."""
        return compile_parser(self.name, self.input_shape, self._raw["input"].get("locationName"))

    @cached_property
    def serialize(self) -> Serializer:
        """Output -> (headers, segments of the body); see `serialize.Serializer`."""
        return compile_serializer(self.name, self.output_shape)

    @cached_property
    def query_members(self) -> frozenset[str]:
        """Every name that its query may carry: the literal ones, the required, the optional."""
        return frozenset((*self.literals, *(wire for _, wire in self._located("querystring"))))

    @cached_property
    def required_query(self) -> frozenset[str]:
        required = self.input_shape.required
        return frozenset(wire for name, wire in self._located("querystring") if name in required)

    @cached_property
    def required_headers(self) -> frozenset[str]:
        """Lower-case names."""
        required = self.input_shape.required
        return frozenset(wire.lower() for name, wire in self._located("header") if name in required)

    @cached_property
    def document(self) -> str | None:
        """The root of the document that is its body; None: the body is something else, or there is none."""
        payload = self.input_shape.payload
        if payload is None or self.input_shape.member(payload).type != "structure":
            return None
        return self.input_shape.member(payload).wire or payload

    @cached_property
    def streaming_input(self) -> bool:
        """The body is the object's bytes, not a document."""
        payload = self.input_shape.payload
        return payload is not None and self.input_shape.member(payload).type == "blob"

    @cached_property
    def checksum_of_body(self) -> bool:
        """An ``x-amz-checksum-*`` of a request is its body's. (CompleteMultipartUpload's is the object's.)"""
        return "requestAlgorithmMember" in self._raw.get("httpChecksum", {})

    @cached_property
    def checksum_required(self) -> bool:
        """A request of it must carry Content-MD5 or an ``x-amz-checksum-*``."""
        return bool(self._raw.get("httpChecksum", {}).get("requestChecksumRequired"))

    @cached_property
    def tells_charge(self) -> bool:
        """Its answer says whether the requester paid."""
        shape = self.output_shape
        return shape is not None and any(name == "RequestCharged" for name, _ in shape.members())

    @cached_property
    def has_body(self) -> bool:
        """Whether a request of it may carry a body that means something."""
        return self.input_shape.payload is not None or any(True for _ in self.input_shape.body())

    def _located(self, location: str) -> Iterator[tuple[str, str]]:
        members: Mapping[str, Any] = self._shapes[self._raw["input"]["shape"]].get("members", {})
        for name, member in members.items():
            if member.get("location") == location:
                yield name, member.get("locationName", name)

    def __repr__(self) -> str:
        return f"<Operation {self.name}>"


class Model:
    """All operations, by name; and ``post_object``, which browsers know and no SDK has a method for."""

    def __init__(self, raw: Raw) -> None:
        self.operations = {name: Operation(name, operation, raw["shapes"]) for name, operation in raw["operations"].items()}
        self.post_object = _post_object(raw["shapes"])


def _post_object(shapes: Raw) -> Operation:
    """PostObject, in the model's own words: it is PutObject whose headers and key come in a form, which the operation reads.

    It answers as PutObject does, with ``Location`` and, if the form asks for it, with a document.
    """
    uri = {"shape": "BucketName", "location": "uri", "locationName": "Bucket"}
    members = {
        **shapes["PutObjectOutput"]["members"],
        "Location": {"shape": "Location", "location": "header", "locationName": "Location"},
        "ContentType": {"shape": "ContentType", "location": "header", "locationName": "Content-Type"},
        "Body": {"shape": "Body"},
    }
    own = {
        "PostObjectRequest": {"type": "structure", "required": ["Bucket"], "members": {"Bucket": uri}},
        "PostObjectOutput": {"type": "structure", "members": members, "payload": "Body"},
    }
    raw = {
        "http": {"method": "POST", "requestUri": "/{Bucket}", "responseCode": 204},
        "input": {"shape": "PostObjectRequest"},
        "output": {"shape": "PostObjectOutput"},
    }
    return Operation("PostObject", raw, {**shapes, **own})


class _PlainFiles:
    """Reads botocore's data files into plain dictionaries; botocore's own way, OrderedDicts, takes eight times as long."""

    def exists(self, file_path: str) -> bool:
        return any(os.path.isfile(file_path + suffix) for suffix in (".json", ".json.gz"))

    def load_file(self, file_path: str) -> Any:
        if os.path.isfile(file_path + ".json"):
            with open(file_path + ".json", "rb") as plain:
                return json.load(plain)
        if os.path.isfile(file_path + ".json.gz"):
            with gzip.open(file_path + ".json.gz") as packed:
                return json.load(packed)
        return None


def load_raw(service: str) -> Raw:
    """The model of a service as botocore has it, read by a loader of our own: clients rewrite their session's."""
    from botocore.exceptions import DataNotFoundError
    from botocore.loaders import ExtrasProcessor, Loader

    loader = Loader(file_loader=cast(Any, _PlainFiles()))
    version = loader.determine_latest_version(service, "service-2")
    raw: Raw = loader.load_data(os.path.join(service, version, "service-2"))
    try:
        extras = loader.load_data(os.path.join(service, version, "service-2.sdk-extras"))
    except DataNotFoundError:
        pass
    else:
        ExtrasProcessor().process(raw, [extras])
    return raw


@lru_cache(1)
def s3_model() -> Model:
    """S3's model, loaded once."""
    return Model(load_raw("s3"))
