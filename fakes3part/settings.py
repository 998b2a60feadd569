"""The few switches of one fake: faithful by default, lenient by word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

DEFAULT_ACCOUNT = "123456789012"
MIN_PART_SIZE = 5 * 1024 * 1024


@dataclass(frozen=True)
class Settings:
    """How one `FakeS3` deviates from S3 (by default: not at all).

    Attributes:
        region: the region of an endpoint whose host names none (a server on 127.0.0.1). AWS's global host is us-east-1's.
        account: the 12-digit account that an access key belongs to when the key is not itself a 12-digit account id.
        min_part_size: bytes; what CompleteMultipartUpload demands of every part but the last. S3: 5 MiB.
        custom_endpoints: hosts or URLs (``"minio.test:9000"``) that interception claims beside AWS's own.
        seed: makes request, upload and version ids, and times, the same from run to run: the clock stands still at
            2026-01-01T00:00:00Z until a test moves it. (Ids are drawn as requests come: which of several threads gets which
            is chance.)
        strict_credentials: an access key that was not configured is InvalidAccessKeyId.
        strict_kms: only KMS keys that were added are there (else every well-formed one of the caller's account is).
        strict_regions: whether a bucket must be asked for in its own region. None: at AWS's hosts, as AWS does it (redirects,
            which boto3 follows); a host without a region leads to any bucket. True: there too a signature must be for the
            bucket's region. False: every endpoint serves every bucket.
        legacy_defaults: new buckets get S3's defaults of before April 2023: ACLs enabled, public access not blocked,
            DisplayName returned.
        journal_size: so many calls, and so many events, are kept; older ones are forgotten.
    """

    region: str = "us-east-1"
    account: str = DEFAULT_ACCOUNT
    min_part_size: int = MIN_PART_SIZE
    custom_endpoints: Sequence[str] = ()
    seed: int | None = None
    strict_credentials: bool = False
    strict_kms: bool = False
    strict_regions: bool | None = None
    legacy_defaults: bool = False
    journal_size: int = 10_000
