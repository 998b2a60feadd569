"""ConfirmRemoveSelfBucketAccess: accepted without effect (AWS documents the header, and no error without it)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.doors import Door
from tests.support.policies import BUCKET, client_of, digest, policy, statement, status, user


@pytest.mark.parametrize("confirmed", [{}, {"ConfirmRemoveSelfBucketAccess": True}, {"ConfirmRemoveSelfBucketAccess": False}])
def test_locking_oneself_out(door: Door, bucket: str, confirmed: dict[str, Any]) -> None:
    mine = user(door, {"Action": "s3:*", "Resource": "*"})
    deny = policy(statement(Effect="Deny", Principal={"AWS": mine.arn}, Action="s3:PutBucketPolicy", Resource=BUCKET))
    with client_of(door, mine) as client:
        client.put_bucket_policy(Bucket=bucket, Policy=deny, **confirmed)
        assert status(client.put_bucket_policy, Bucket=bucket, Policy=deny, **confirmed) == 403
    door.client.delete_bucket_policy(Bucket=bucket)  # the owner's root always may


def test_no_boolean(door: Door, bucket: str) -> None:
    body = policy(statement(Effect="Deny")).encode()
    response = door.raw("PUT", "/bucket?policy", {**digest(body), "x-amz-confirm-remove-self-bucket-access": "maybe"}, body)
    assert (response.status, response.error["Code"]) == (400, "InvalidArgument")
    assert door.fake.store.buckets[bucket].policy is None
