"""Minimal parameters that botocore's validation accepts, for every operation of its S3 model."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime, timezone
from typing import Any

from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

import fakes3part.pipeline  # registers the operations
from fakes3part.operations.loading import implemented

# A copy: botocore's clients change the request URIs of the model, which `workers.botocore_data` shares.
SERVICE = ServiceModel(deepcopy(Loader().load_service_model("s3", "service-2")), "s3")
OPERATIONS: dict[str, OperationModel] = {name: SERVICE.operation_model(name) for name in SERVICE.operation_names}

GIVEN = {"Bucket": "bucket", "Key": "k", "CopySource": "bucket/k", "UploadId": "u"}


def _value(name: str, shape: Any) -> Any:
    if shape.type_name == "structure":
        if getattr(shape, "is_tagged_union", False):
            first = next(iter(shape.members))
            return {first: _value(first, shape.members[first])}
        return {member: _value(member, shape.members[member]) for member in shape.required_members}
    if shape.type_name == "list":
        return [_value(name, shape.member)]
    leaves = {
        "integer": 1,
        "long": 1,
        "boolean": True,
        "blob": b"x",
        "map": {"a": "b"},
        "timestamp": datetime(2026, 1, 1, tzinfo=timezone.utc),
    }
    if shape.type_name in leaves:
        return leaves[shape.type_name]
    return shape.enum[0] if shape.enum else GIVEN.get(name, "x" * max(shape.metadata.get("min", 1), 1))


def params(operation: OperationModel, **more: str) -> dict[str, Any]:
    """Return values for the required members, and those of ``more`` that the operation has."""
    shape = operation.input_shape
    members = shape.members if shape is not None else {}
    required = shape.required_members if shape is not None else ()
    made = {name: _value(name, members[name]) for name in required}
    return made | {name: value for name, value in more.items() if name in members}


def takes(operation: OperationModel, member: str) -> bool:
    return operation.input_shape is not None and member in operation.input_shape.members


def call(s3: Any, operation: OperationModel, **more: str) -> Any:
    """Call the operation with a boto3 client."""
    return getattr(s3, xform_name(operation.name))(**params(operation, **more))


def modern(operation: OperationModel) -> str:
    """Return the name under which a request is routed: for a deprecated operation the one with the same request line."""
    if not operation.deprecated:
        return operation.name
    [name] = [name for name, other in OPERATIONS.items() if other.http == operation.http and not other.deprecated]
    return name


DONE = implemented()
assert fakes3part.pipeline.OPERATIONS.keys() == DONE


CONFIGURATIONS = sorted(
    name
    for name in OPERATIONS
    if re.search("Abac|Analytics|Cors|IntelligentTiering|Inventory|Logging|Metadata|Metrics|Notification|Replication", name)
)
"""Operations on bucket configurations that are much the same: they have no further conditions."""


@contextlib.contextmanager
def unimplemented(operation: OperationModel) -> Iterator[str]:
    """Take the operation's function away, as if botocore's model were newer than the package; yield the name of its 501."""
    name = modern(operation)
    function = fakes3part.pipeline.OPERATIONS.pop(name)
    try:
        yield name
    finally:
        fakes3part.pipeline.OPERATIONS[name] = function
