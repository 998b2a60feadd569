"""Operations and headers that directory buckets do not support; such requests change nothing."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel

from fakes3part.rules.directory_buckets import CONTROL, ZONAL
from tests.support.directory_buckets import least
from tests.support.doors import Door, refused
from tests.support.errors import (
    DIRECTORY_BUCKETS_ONLY,
    HEADER_NOT_IMPLEMENTED,
    INVALID_STORAGE_CLASS,
    INVALID_VERSION_ID,
    METHOD_NOT_ALLOWED,
)
from tests.support.state import unchanged

SERVICE = ServiceModel(Loader().load_service_model("s3", "service-2"), "s3")
OPERATIONS = {name: SERVICE.operation_model(name) for name in SERVICE.operation_names}

ELSEWHERE = {"ListBuckets", "WriteGetObjectResponse"}
REFUSED = sorted(name for name in set(OPERATIONS) - ZONAL - CONTROL - ELSEWHERE if not OPERATIONS[name].deprecated)
NOT_SUPPORTED = {"additionalMessage": "This operation is not supported for directory buckets"}


def expected(name: str) -> tuple[int, str, str, dict[str, str]]:
    operation = OPERATIONS[name]
    method, path = operation.http["method"], operation.http["requestUri"]
    if "{Key+}" in path or name in ("ListObjects", "ListObjectVersions"):
        return 501, "NotImplemented", HEADER_NOT_IMPLEMENTED, NOT_SUPPORTED
    payload = operation.input_shape.serialization.get("payload")
    shape = operation.input_shape.members.get(payload) if payload else None
    if method == "PUT" and shape is not None and shape.type_name == "structure":
        root = shape.serialization.get("name", payload)
        return 400, "InvalidArgument", f"{root} is not valid, expected CreateBucketConfiguration", {}
    text = METHOD_NOT_ALLOWED
    return 405, "MethodNotAllowed", text, {"Method": method, "ResourceType": "BUCKET"}


@pytest.mark.parametrize("name", REFUSED)
def test_operations(door: Door, s3: Any, directory: str, name: str) -> None:
    s3.put_object(Bucket=directory, Key="k", Body=b"abc")
    with unchanged(door.fake):
        refused(partial(getattr(s3, xform_name(name)), **least(OPERATIONS[name].input_shape)), *expected(name))


def test_the_texts_that_terraform_knows() -> None:
    """Root elements of AWS's responses on the control plane."""
    assert expected("PutBucketVersioning")[2] == "VersioningConfiguration is not valid, expected CreateBucketConfiguration"
    assert expected("PutBucketAcl")[2] == "AccessControlPolicy is not valid, expected CreateBucketConfiguration"


PUT = {
    "ACL": ("private", "x-amz-acl"),
    "ContentMD5": ("kAFQmDzST7DWlj99KOF/cg==", "Content-MD5"),
    "GrantFullControl": ("id=x", "x-amz-grant-full-control"),
    "ObjectLockLegalHoldStatus": ("OFF", "x-amz-object-lock-legal-hold"),
    "ObjectLockMode": ("GOVERNANCE", "x-amz-object-lock-mode"),
    "RequestPayer": ("requester", "x-amz-request-payer"),
    "Tagging": ("a=b", "x-amz-tagging"),
    "WebsiteRedirectLocation": ("/elsewhere", "x-amz-website-redirect-location"),
}


@pytest.mark.parametrize("operation", ["put_object", "copy_object", "create_multipart_upload"])
@pytest.mark.parametrize(("member", "value"), [(member, value) for member, (value, _) in PUT.items()])
def test_headers_of_writes(door: Door, s3: Any, directory: str, operation: str, member: str, value: str) -> None:
    if member == "ContentMD5" and operation != "put_object":
        pytest.skip("has no body")
    s3.put_object(Bucket=directory, Key="k", Body=b"abc")
    more = {"put_object": {"Body": b"abc"}, "copy_object": {"CopySource": f"{directory}/k"}}.get(operation, {})
    with unchanged(door.fake):
        ask = partial(getattr(s3, operation), Bucket=directory, Key="n", **more, **{member: value})
        refused(ask, 501, "NotImplemented", HEADER_NOT_IMPLEMENTED, {"Header": PUT[member][1]})


def test_an_empty_tag_set_is_accepted(s3: Any, directory: str) -> None:
    s3.put_object(Bucket=directory, Key="k", Body=b"abc", Tagging="")
    assert "TagCount" not in s3.get_object(Bucket=directory, Key="k")


CUSTOMER = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}


@pytest.mark.parametrize("operation", ["put_object", "get_object", "head_object", "create_multipart_upload"])
def test_the_clients_own_keys(door: Door, s3: Any, directory: str, operation: str) -> None:
    s3.put_object(Bucket=directory, Key="k", Body=b"abc")
    ask = partial(getattr(s3, operation), Bucket=directory, Key="k", **CUSTOMER)
    with unchanged(door.fake):
        if operation == "head_object":
            refused(ask, 501, "501", "Not Implemented")
        else:
            header = "x-amz-server-side-encryption-customer-algorithm"
            refused(ask, 501, "NotImplemented", HEADER_NOT_IMPLEMENTED, {"Header": header})


@pytest.mark.parametrize("operation", ["copy_object", "create_multipart_upload"])
def test_content_encodings_of_copies_and_uploads(door: Door, s3: Any, directory: str, operation: str) -> None:
    s3.put_object(Bucket=directory, Key="k", Body=b"abc", ContentEncoding="gzip")
    more = {"CopySource": f"{directory}/k"} if operation == "copy_object" else {}
    ask = partial(getattr(s3, operation), Bucket=directory, Key="n", ContentEncoding="gzip", **more)
    with unchanged(door.fake):
        refused(ask, 501, "NotImplemented", HEADER_NOT_IMPLEMENTED, {"Header": "Content-Encoding"})


@pytest.mark.parametrize("name", ["STANDARD", "ONEZONE_IA", "OUTPOSTS", "nonsense"])
def test_storage_classes(door: Door, s3: Any, directory: str, name: str) -> None:
    message = INVALID_STORAGE_CLASS
    with unchanged(door.fake):
        ask = partial(s3.put_object, Bucket=directory, Key="k", StorageClass=name)
        refused(ask, 400, "InvalidStorageClass", message, {"StorageClassRequested": name})
    s3.put_object(Bucket=directory, Key="k", StorageClass="EXPRESS_ONEZONE")


@pytest.mark.parametrize("operation", ["get_object", "delete_object", "get_object_attributes"])
def test_versions(door: Door, s3: Any, directory: str, operation: str) -> None:
    s3.put_object(Bucket=directory, Key="k", Body=b"abc")
    more = {"ObjectAttributes": ["ETag"]} if operation == "get_object_attributes" else {}
    ask = partial(getattr(s3, operation), Bucket=directory, Key="k", **more)
    with unchanged(door.fake):
        for version in ("x", "0" * 32):
            extras = {"ArgumentName": "versionId", "ArgumentValue": version}
            refused(partial(ask, VersionId=version), 400, "InvalidArgument", INVALID_VERSION_ID, extras)
    assert "VersionId" not in ask(VersionId="null")


OF_BUCKETS = {
    "delete_bucket": {},
    "get_bucket_policy": {},
    "put_bucket_policy": {"Policy": "{}"},
    "delete_bucket_policy": {},
    "get_bucket_encryption": {},
    "delete_bucket_encryption": {},
    "get_bucket_lifecycle_configuration": {},
    "delete_bucket_lifecycle": {},
}


@pytest.mark.parametrize(("operation", "more"), OF_BUCKETS.items(), ids=OF_BUCKETS)
def test_the_expected_owner_of_buckets(door: Door, s3: Any, directory: str, operation: str, more: dict[str, Any]) -> None:
    ask = partial(getattr(s3, operation), Bucket=directory, ExpectedBucketOwner="123456789012", **more)
    with unchanged(door.fake):
        refused(ask, 501, "NotImplemented", HEADER_NOT_IMPLEMENTED, {"Header": "x-amz-expected-bucket-owner"})


def test_the_expected_owner_of_objects(door: Door, s3: Any, directory: str) -> None:
    s3.put_object(Bucket=directory, Key="k", ExpectedBucketOwner="123456789012")
    s3.list_objects_v2(Bucket=directory, ExpectedBucketOwner="123456789012")
    with unchanged(door.fake):
        ask = partial(s3.delete_object, Bucket=directory, Key="k", ExpectedBucketOwner="999999999999")
        refused(ask, 403, "AccessDenied", "Access Denied")


def test_headers_that_only_directory_buckets_support(door: Door, s3: Any) -> None:
    s3.create_bucket(Bucket="ordinary")
    s3.put_object(Bucket="ordinary", Key="k", Body=b"abc")
    only = {"additionalMessage": DIRECTORY_BUCKETS_ONLY}
    with unchanged(door.fake):
        rename = partial(s3.rename_object, Bucket="ordinary", Key="n", RenameSource="k")
        refused(rename, 501, "NotImplemented", HEADER_NOT_IMPLEMENTED, {"Header": "x-amz-rename-source", **only})
        append = partial(s3.put_object, Bucket="ordinary", Key="k", Body=b"d", WriteOffsetBytes=3)
        refused(append, 501, "NotImplemented", HEADER_NOT_IMPLEMENTED, {"Header": "x-amz-write-offset-bytes", **only})
        text = METHOD_NOT_ALLOWED
        session = partial(s3.create_session, Bucket="ordinary")
        refused(session, 405, "MethodNotAllowed", text, {"Method": "GET", "ResourceType": "BUCKET"})
