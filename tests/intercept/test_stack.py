"""Which hosts belong to a custom endpoint."""

from __future__ import annotations

import pytest

from fakes3part.intercept.stack import matches_endpoint


@pytest.mark.parametrize(
    ("endpoint", "host", "matches"),
    [
        ("minio.test", "minio.test", True),
        ("minio.test", "MINIO.test:9000", True),
        ("minio.test", "bucket.minio.test", True),
        ("minio.test", "xminio.test", False),
        ("minio.test:9000", "minio.test:9000", True),
        ("minio.test:9000", "b.u.minio.test:9000", True),
        ("minio.test:9000", "minio.test:9001", False),
        ("minio.test:9000", "minio.test", False),
        ("https://minio.test:9000/", "minio.test:9000", True),
        ("http://127.0.0.1:9000", "127.0.0.1:9000", True),
        ("http://[::1]:9000", "[::1]:9000", True),
        ("s3.vendor.amazonaws.com", "b.s3.vendor.amazonaws.com", True),
    ],
)
def test_matches_endpoint(endpoint: str, host: str, matches: bool) -> None:
    assert matches_endpoint(endpoint, host) is matches
