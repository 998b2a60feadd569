"""The operations of the installed botocore's S3 model. Each one is compiled at its first use."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any, cast

from .data_files import find_file, merge, read_file
from .header_names import header_names
from .parse import BodyParser, HeadParser, Params, compile_body_parser, compile_head_parser
from .serialize import Serializer, compile_serializer
from .shapes import Raw, Shape

STATUS = dict.fromkeys(
    (
        "PutBucketAnalyticsConfiguration",
        "PutBucketIntelligentTieringConfiguration",
        "PutBucketInventoryConfiguration",
        "PutBucketMetricsConfiguration",
        "PutBucketPolicy",
        "PutBucketTagging",
    ),
    204,
)
"""Statuses that the model lacks. Recorded from AWS, February 2026 (LocalStack's snapshots)."""

_DIGEST_REQUIRED = frozenset(
    {
        "CreateBucketMetadataConfiguration",
        "CreateBucketMetadataTableConfiguration",
        "DeleteObjects",
        "PutBucketCors",
        "PutBucketEncryption",
        "PutBucketLifecycle",
        "PutBucketLifecycleConfiguration",
        "PutBucketReplication",
        "PutBucketTagging",
        "PutObjectLegalHold",
        "PutObjectLockConfiguration",
        "PutObjectRetention",
        "PutPublicAccessBlock",
        "UpdateBucketMetadataAnnotationTableConfiguration",
        "UpdateBucketMetadataInventoryTableConfiguration",
        "UpdateBucketMetadataJournalTableConfiguration",
    }
)
"""Operations that S3 refuses without Content-MD5 or an ``x-amz-checksum-*``.

botocore's trait ``requestChecksumRequired`` names more: it says what SDKs send, not what S3 demands (minio's issue 9852; s3cmd
and minio-js send no digest with ACLs, versioning and request payment). Sources: issues of AWS's SDKs (aws-cli 229, aws-sdk-js 67
and 2387, aws-sdk-ios 109) and s3cmd's 1177; PutBucketReplication, PutPublicAccessBlock and PutBucketEncryption are assumed, not
recorded from AWS.
"""

_LITERAL = re.compile(r"([^&=]+)(?:=([^&]*))?")


class Operation:
    """An operation: what routes to it, the parser of its requests and the serializer of its output.

    Attributes:
        name: AWS's name, ``UploadPart``.
        method: ``GET`` ...
        level: ``service``, ``bucket`` or ``object``, by the path.
        status: of success, unless the operation says otherwise.
        literals: the query that its request line always has: ``{"uploads": ""}``, ``{"list-type": "2"}``.
        deprecated: whether another operation with the same request line has replaced it.
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
        """The shape of the params."""
        return Shape(self._shapes, self._raw["input"])

    @cached_property
    def output_shape(self) -> Shape | None:
        """The shape of the output; None if there is none."""
        reference = self._raw.get("output")
        return None if reference is None else Shape(self._shapes, reference)

    @cached_property
    def parse_head(self) -> HeadParser:
        """(bucket, key, query, headers, their names) -> params without those of the body; see `parse.HeadParser`."""
        return compile_head_parser(self.name, self.input_shape)

    @cached_property
    def parse_body(self) -> BodyParser | None:
        """(params, body) -> None; see `parse.BodyParser`. None: the operation's requests have no body."""
        return compile_body_parser(self.name, self.input_shape, self._raw["input"].get("locationName"))

    def parse(
        self,
        bucket: str | None,
        key: str | None,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: Callable[[], bytes] = bytes,
    ) -> Params:
        """Return the params of a whole request.

        Args:
            bucket: the bucket in the address; None: there is none.
            key: the key in the address; None: there is none.
            query: decoded values by name.
            headers: by lower-case name.
            body: reads the body; it is called after the checks of query and headers, if the operation has a body.

        Raises:
            S3Error: of the first member that is invalid.
        """
        params = self.parse_head(bucket, key, query, headers, header_names(headers))
        if self.parse_body is not None:
            self.parse_body(params, body())
        return params

    @cached_property
    def serialize(self) -> Serializer:
        """Output -> (headers, segments of the body); see `serialize.Serializer`."""
        return compile_serializer(self.name, self.output_shape)

    @cached_property
    def query_members(self) -> frozenset[str]:
        """Every name that the query may have: literal, required and optional ones."""
        return frozenset((*self.literals, *(wire_name for _, wire_name in self._located("querystring"))))

    @cached_property
    def required_query(self) -> frozenset[str]:
        """The names of the required query parameters."""
        required = self.input_shape.required
        return frozenset(wire_name for name, wire_name in self._located("querystring") if name in required)

    @cached_property
    def required_headers(self) -> frozenset[str]:
        """The lower-case names of the required headers."""
        required = self.input_shape.required
        return frozenset(wire_name.lower() for name, wire_name in self._located("header") if name in required)

    @cached_property
    def document(self) -> str | None:
        """The root of the document in the body; None if the body is something else, or there is none."""
        payload = self.input_shape.payload
        if payload is None or self.input_shape.member(payload).type != "structure":
            return None
        return self.input_shape.member(payload).wire_name or payload

    @cached_property
    def streaming_input(self) -> bool:
        """Whether the body is the object's bytes, not a document."""
        payload = self.input_shape.payload
        return payload is not None and self.input_shape.member(payload).type == "blob"

    @cached_property
    def checksum_is_of_body(self) -> bool:
        """Whether the ``x-amz-checksum-*`` of a request is its body's. (CompleteMultipartUpload's is the object's.)

        Assumed, not recorded from AWS: it is for bucket configurations for which SDKs send none (``?inventory``) too.
        """
        return self.level == "bucket" or "requestAlgorithmMember" in self._raw.get("httpChecksum", {})

    @cached_property
    def digest_required(self) -> bool:
        """Whether a request must have Content-MD5 or an ``x-amz-checksum-*``. (S3 Control's PutPublicAccessBlock need not.)"""
        return self.name in _DIGEST_REQUIRED and bool(self._raw.get("httpChecksum", {}).get("requestChecksumRequired"))

    @cached_property
    def reports_charge(self) -> bool:
        """Whether the response says that the requester is charged (``x-amz-request-charged``)."""
        shape = self.output_shape
        return shape is not None and any(name == "RequestCharged" for name, _ in shape.members())

    def _located(self, location: str) -> Iterator[tuple[str, str]]:
        members: Mapping[str, Any] = self._shapes[self._raw["input"]["shape"]].get("members", {})
        for name, member in members.items():
            if member.get("location") == location:
                yield name, member.get("locationName", name)

    def __repr__(self) -> str:
        return f"<Operation {self.name}>"


class Model:
    """All operations by name, and ``post_object``, the POST of browsers, which no SDK has a method for."""

    def __init__(self, raw: Raw) -> None:
        self.operations = {name: Operation(name, operation, raw["shapes"]) for name, operation in raw["operations"].items()}
        self.post_object = _post_object(raw["shapes"])


def _post_object(shapes: Raw) -> Operation:
    """Return PostObject, in the terms of the model: a PutObject whose headers and key are in a form, which the operation reads.

    Its output is PutObject's, with ``Location`` and, if the form requests it, with a document.
    """
    uri = {"shape": "BucketName", "location": "uri", "locationName": "Bucket"}
    members = {
        **shapes["PutObjectOutput"]["members"],
        "Location": {"shape": "Location", "location": "header", "locationName": "Location"},
        "ContentType": {"shape": "ContentType", "location": "header", "locationName": "Content-Type"},
        "Body": {"shape": "Body"},
    }
    own_shapes = {
        "PostObjectRequest": {"type": "structure", "required": ["Bucket"], "members": {"Bucket": uri}},
        "PostObjectOutput": {"type": "structure", "members": members, "payload": "Body"},
    }
    raw = {
        "http": {"method": "POST", "requestUri": "/{Bucket}", "responseCode": 204},
        "input": {"shape": "PostObjectRequest"},
        "output": {"shape": "PostObjectOutput"},
    }
    return Operation("PostObject", raw, {**shapes, **own_shapes})


class _PlainFiles:
    """Loads botocore's data files for its `Loader`."""

    def exists(self, file_path: str) -> bool:
        return find_file(file_path) is not None

    def load_file(self, file_path: str) -> Any:
        return read_file(file_path)


def load_raw(service: str) -> Raw:
    """Load botocore's model of a service, with a loader of our own: clients modify that of their session."""
    from botocore.exceptions import DataNotFoundError
    from botocore.loaders import Loader

    loader = Loader(file_loader=cast(Any, _PlainFiles()))
    version = loader.determine_latest_version(service, "service-2")
    raw: Raw = loader.load_data(os.path.join(service, version, "service-2"))
    try:
        extras = loader.load_data(os.path.join(service, version, "service-2.sdk-extras"))
    except DataNotFoundError:
        return raw
    return merge(raw, extras.get("merge", {}))


@lru_cache(1)
def s3_model() -> Model:
    """Return S3's model, loaded once."""
    return Model(load_raw("s3"))
