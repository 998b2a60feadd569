"""Properties of restores: reads succeed exactly as ``x-amz-restore`` says, and errors change nothing."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.doors import Door

TIER = st.sampled_from(["Expedited", "Standard", "Bulk"])
STEP = st.one_of(
    st.tuples(st.just("restore"), st.integers(1, 4), TIER),
    st.tuples(st.just("wait"), st.integers(1, 200), st.sampled_from(["minutes", "hours"])),
)
START = datetime(2026, 2, 21, 10, 30, 0, tzinfo=timezone.utc)


def _restore(s3: Any, days: int, tier: str) -> int:
    request = {"Days": days, "GlacierJobParameters": {"Tier": tier}}
    try:
        response = s3.restore_object(Bucket="bucket", Key="k", RestoreRequest=request)
    except ClientError as error:
        response = error.response
    return int(response["ResponseMetadata"]["HTTPStatusCode"])


def _is_readable(s3: Any) -> bool:
    with contextlib.suppress(s3.exceptions.InvalidObjectState):
        return bool(s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"abc")
    return False


@settings(max_examples=40, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(storage_class=st.sampled_from(["GLACIER", "DEEP_ARCHIVE"]), steps=st.lists(STEP, max_size=12))
def test_restores(door: Door, storage_class: str, steps: list[tuple[Any, ...]]) -> None:
    s3, clock = door.client, door.fake.clock
    door.fake.reset()
    clock.freeze(START)
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="k", Body=b"abc", StorageClass=storage_class)
    for step, *arguments in steps:
        before, was_readable = s3.head_object(Bucket="bucket", Key="k").get("Restore"), _is_readable(s3)
        if step == "restore":
            days, tier = arguments
            status = _restore(s3, days, tier)
            if storage_class == "DEEP_ARCHIVE" and tier == "Expedited":
                assert status == 400
            elif was_readable:
                assert status == 200
            else:
                assert status in ((202, 409) if before else (202,))
            after = s3.head_object(Bucket="bucket", Key="k")["Restore"] if status < 300 else before
        else:
            clock.advance(**{arguments[1]: arguments[0]})
            after = s3.head_object(Bucket="bucket", Key="k").get("Restore")
        assert s3.head_object(Bucket="bucket", Key="k").get("Restore") == after
        assert _is_readable(s3) == (after is not None and after.startswith('ongoing-request="false"'))
        if _is_readable(s3):
            expiry = parsedate_to_datetime(str(after).split('"')[3])
            assert (expiry.hour, expiry.minute, expiry.second) == (0, 0, 0)
            assert clock.now() < expiry <= clock.now() + timedelta(days=5)
