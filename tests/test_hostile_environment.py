"""The suite passes whatever the environment of its caller holds: a part of it, run in one that contradicts everything."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.environment import CLEANED

ROOT = Path(__file__).parents[1]

PART = [
    "tests/api/test_endpoint_url.py",
    "tests/cli/test_cli_strict_kms.py",
    "tests/intercept/test_environment.py",
    "tests/operations/buckets/test_acceleration.py",
    "tests/server/test_http_server.py",
    "tests/services/test_services_interception.py",
    "tests/test_config_file.py",
    "tests/test_settings.py",
]
"""What has most to do with the environment: configuration, credentials, endpoints, proxies, child processes, time zones."""

REFUSING = "http://127.0.0.1:9"


def hostile(folder: Path) -> dict[str, str]:
    """Return environment variables with which nothing would work that respects them."""
    garbage = folder / "garbage"
    garbage.write_bytes(b"\x00[profile\xff = nonsense\n]]")
    kept = {name: value for name, value in os.environ.items() if name not in ("HOME", "USERPROFILE", "LC_ALL", CLEANED)}
    return kept | {
        "AWS_ACCESS_KEY_ID": "AKIAHOSTILE",
        "AWS_SECRET_ACCESS_KEY": "hostile",
        "AWS_SESSION_TOKEN": "hostile",
        "AWS_CA_BUNDLE": str(folder / "none.pem"),
        "AWS_CONFIG_FILE": str(garbage),
        "AWS_SHARED_CREDENTIALS_FILE": str(garbage),
        "AWS_PROFILE": "nobody",
        "AWS_DEFAULT_PROFILE": "nobody",
        "AWS_DEFAULT_REGION": "mars-north-1",
        "AWS_REGION": "mars-north-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": REFUSING,
        "AWS_ENDPOINT_URL_S3": REFUSING,
        "AWS_ENDPOINT_URL_STS": REFUSING,
        "AWS_MAX_ATTEMPTS": "7",
        "AWS_RETRY_MODE": "nonsense",
        "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
        "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
        "AWS_S3_DISABLE_EXPRESS_SESSION_AUTH": "true",
        "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": "legacy",
        "AWS_USE_DUALSTACK_ENDPOINT": "true",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "BOTO_CONFIG": str(garbage),
        "COLUMNS": "20",
        "FAKES3PART_ACCOUNT": "nobody",
        "FAKES3PART_MIN_PART_SIZE": "huge",
        "FAKES3PART_REGION": "mars-north-1",
        "FORCE_COLOR": "1",
        "HTTP_PROXY": REFUSING,
        "HTTPS_PROXY": REFUSING,
        "ALL_PROXY": REFUSING,
        "http_proxy": REFUSING,
        "https_proxy": REFUSING,
        "LANG": "tr_TR.ISO-8859-9",
        "LC_ALL": "C",
        "REQUESTS_CA_BUNDLE": str(folder / "none.pem"),
        "TZ": "Asia/Kathmandu",
    }


def test_a_part_of_the_suite_in_a_hostile_environment(tmp_path: Path) -> None:
    options = "-q -p no:cacheprovider -p no:xdist --randomly-seed=20261130"
    command = [sys.executable, "-m", "pytest", *options.split(), "-k", "not mypy", *PART]
    done = subprocess.run(command, cwd=ROOT, env=hostile(tmp_path), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
