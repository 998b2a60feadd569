"""Reports that S3 writes into a bucket which a configuration names: whether it may, and why not."""

from __future__ import annotations

from collections.abc import Mapping

from ..message import S3_ITSELF
from ..rules.destinations import bucket_of
from ..rules.regions import region_of
from ..state.bucket import Bucket
from ..state.store import Store
from .process import ProcessEnvironment
from .write import service_decision

HEADERS: Mapping[str, str] = {"x-amz-acl": "bucket-owner-full-control"}
"""Headers of the requests by which S3 writes reports, for conditions of the destination's policy."""


class ReportError(RuntimeError):
    """A report cannot be delivered. The text says why."""


def find_destination(store: Store, source: Bucket, arn: str, account: str | None) -> Bucket:
    """Return the bucket that a report is written to.

    Args:
        source: the bucket that the report is about.
        account: the account that must own the destination; None: any.

    Raises:
        ReportError: it does not exist, or is in another region or of another account than it must be.
    """
    name = bucket_of(arn)
    destination = store.get(name)
    if destination is None:
        raise ReportError(f"there is no bucket {name!r}")
    if region_of(destination) != region_of(source):
        raise ReportError(f"bucket {name!r} is in {region_of(destination)}, not in {region_of(source)}")
    if account not in (None, destination.account):
        raise ReportError(f"bucket {name!r} belongs to account {destination.account}, not to {account}")
    return destination


def check_may_write(
    environment: ProcessEnvironment, destination: Bucket, key: str, source: Bucket, headers: Mapping[str, str] = HEADERS
) -> None:
    """Raise unless the policy of the destination lets S3 write a report.

    Args:
        headers: of the request that writes it.

    Raises:
        ReportError: it does not.
    """
    decision = service_decision(environment, S3_ITSELF, "s3:PutObject", destination, key, source, headers)
    if not decision.allowed:
        raise ReportError(f"{S3_ITSELF} may not write {key!r} to bucket {destination.name!r}: {decision.reason}")
