"""Clears what clients cache about the regions of buckets, when the fake with the buckets ends.

A boto3 client that was redirected sends to the bucket's region for the rest of its life. That is right on AWS, but a client that
outlives a test would use the cached region for the next test's bucket of the same name.
"""

from __future__ import annotations

from functools import partial
from typing import Any
from weakref import ref

from botocore.utils import S3RegionRedirectorv2

from .. import stack
from ..patch import Function, Patch


def patches() -> list[Patch]:
    """Return the patch of the method by which a redirected client determines the region that it then caches."""
    return [Patch(S3RegionRedirectorv2, "get_bucket_region", _recording)]


def _recording(original: Function) -> Function:
    def get_bucket_region(self: Any, bucket: str, response: Any) -> Any:
        region = original(self, bucket, response)
        record(self, bucket)
        return region

    return get_bucket_region


def record(redirector: Any, bucket: str) -> None:
    """Let the fake remember that a client caches the region of a bucket."""
    interceptions = stack.active.interceptions
    if interceptions:
        interceptions[-1].fake.redirected.append(partial(_forget, ref(redirector), bucket))


def _forget(redirector: ref[Any], bucket: str) -> None:
    alive = redirector()
    if alive is not None:
        alive._cache.pop(bucket, None)
