"""``s3:signatureversion`` and ``s3:authType`` of forms, as conditions of bucket policies."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.doors import Door
from tests.support.post_forms import by, known, post, signed

V4, V2 = "AWS4-HMAC-SHA256", "AWS"


@pytest.mark.parametrize(("version", "name"), [(4, V4), (2, V2)])
@pytest.mark.parametrize("denied", [V4, V2])
def test_forms(door: Door, bucket: str, version: int, name: str, denied: str) -> None:
    deny(door, {"s3:signatureversion": denied, "s3:authType": "POST"})
    response = post(door, signed({"key": "k"}, **by(known(door.fake), version)))
    assert response.status == (403 if name == denied else 204)
    assert set(door.fake.store.buckets[bucket].objects) == (set() if name == denied else {"k"})


def test_an_unsigned_form(door: Door, bucket: str) -> None:
    """An unsigned form has no ``s3:signatureversion``."""
    door.client.delete_public_access_block(Bucket=bucket)
    expected = {"Null": {"s3:signatureversion": "true"}}
    allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::bucket/*"}
    put(door, {**allow, "Condition": expected})
    assert post(door, {"key": "k"}).status == 204


def deny(door: Door, expected: dict[str, str]) -> None:
    base = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::bucket/*"}
    put(door, {**base, "Condition": {"StringEquals": expected}})


def put(door: Door, statement: dict[str, Any]) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    door.client.put_bucket_policy(Bucket="bucket", Policy=policy)
