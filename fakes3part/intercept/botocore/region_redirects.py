"""What clients learned about buckets' regions is forgotten with the buckets.

A boto3 client that was redirected asks the bucket's region from then on, for as long as the client lives. On AWS that is right;
but a client that outlives a test would take it along to the next test's bucket of the same name, somewhere else.
"""

from __future__ import annotations

from functools import partial
from typing import Any
from weakref import ref

from botocore.utils import S3RegionRedirectorv2

from .. import stack
from ..patch import Function, Patch


def patches() -> list[Patch]:
    """The patch of where a redirected client finds out the region, just before it writes it down."""
    return [Patch(S3RegionRedirectorv2, "get_bucket_region", _learning)]


def _learning(original: Function) -> Function:
    def get_bucket_region(self: Any, bucket: str, response: Any) -> Any:
        region = original(self, bucket, response)
        interceptions = stack.active.interceptions
        if interceptions:
            interceptions[-1].fake.redirected.append(partial(_forget, ref(self), bucket))
        return region

    return get_bucket_region


def _forget(redirector: ref[Any], bucket: str) -> None:
    found = redirector()
    if found is not None:
        found._cache.pop(bucket, None)
