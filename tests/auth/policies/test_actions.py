"""The IAM actions of every operation of botocore's model."""

from __future__ import annotations

import re

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from fakes3part.auth.policies.actions import ACTIONS, BUCKET_ACTIONS, OBJECT_ACTIONS, VERSIONED_ACTIONS, required_actions
from fakes3part.protocol.model import s3_model

SERVICE = ServiceModel(Loader().load_service_model("s3", "service-2"), "s3")
OPERATIONS = {name: SERVICE.operation_model(name) for name in SERVICE.operation_names}
ELSEWHERE = {"s3express", "s3-object-lambda"}


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation(name: str) -> None:
    service = ACTIONS[name].partition(":")[0]
    if service in ELSEWHERE or name == "ListBuckets":
        return
    level = s3_model().operations[name].level
    assert ACTIONS[name] in (OBJECT_ACTIONS if level == "object" or name == "DeleteObjects" else BUCKET_ACTIONS)
    assert required_actions(name, {}, {})[0] == ACTIONS[name]


def test_actions_are_those_of_known_operations() -> None:
    assert ACTIONS.keys() - OPERATIONS.keys() == {"PostObject"}
    assert not OBJECT_ACTIONS & BUCKET_ACTIONS
    assert VERSIONED_ACTIONS.keys() | set(VERSIONED_ACTIONS.values()) <= OBJECT_ACTIONS


@pytest.mark.parametrize("name", OPERATIONS)
def test_documented(name: str) -> None:
    """Where botocore's documentation of an operation names one action, the operation needs that one."""
    text = re.sub("<[^>]+>", "", OPERATIONS[name].documentation)
    named = set(re.findall(r"\bs3:[A-Z][A-Za-z]+", text))
    if len(named) == 1:
        assert named.pop().lower() in {action.lower() for action in (ACTIONS[name], VERSIONED_ACTIONS.get(ACTIONS[name], ""))}


TAGS, ACL = {"x-amz-tagging": "a=b"}, {"x-amz-acl": "private"}
NEEDED: list[tuple[str, dict[str, str], dict[str, str], tuple[str, ...]]] = [
    ("GetObject", {}, {}, ("s3:GetObject",)),
    ("GetObject", {}, {"versionId": "v"}, ("s3:GetObjectVersion",)),
    ("HeadObject", {}, {"versionId": "v"}, ("s3:GetObjectVersion",)),
    ("GetObjectAcl", {}, {"versionId": "v"}, ("s3:GetObjectVersionAcl",)),
    ("GetObjectAttributes", {}, {}, ("s3:GetObject", "s3:GetObjectAttributes")),
    ("GetObjectAttributes", {}, {"versionId": "v"}, ("s3:GetObjectVersion", "s3:GetObjectVersionAttributes")),
    ("DeleteObject", {}, {"versionId": "v"}, ("s3:DeleteObjectVersion",)),
    ("PutObject", TAGS | ACL, {}, ("s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectAcl")),
    ("PutObject", ACL | {"x-amz-grant-read": "x"}, {}, ("s3:PutObject", "s3:PutObjectAcl")),
    ("PutObject", {"x-amz-object-lock-mode": "x"}, {}, ("s3:PutObject", "s3:PutObjectRetention")),
    ("CopyObject", {"x-amz-object-lock-legal-hold": "ON"}, {}, ("s3:PutObject", "s3:PutObjectLegalHold")),
    ("UploadPart", ACL, {}, ("s3:PutObject",)),
    ("CreateBucket", ACL, {}, ("s3:CreateBucket", "s3:PutBucketAcl")),
    (
        "CreateBucket",
        {"x-amz-object-ownership": "x", "x-amz-bucket-object-lock-enabled": "true"},
        {},
        ("s3:CreateBucket", "s3:PutBucketOwnershipControls", "s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning"),
    ),
]


@pytest.mark.parametrize(("operation", "headers", "query", "expected"), NEEDED)
def test_needed(operation: str, headers: dict[str, str], query: dict[str, str], expected: tuple[str, ...]) -> None:
    assert required_actions(operation, headers, query) == expected
