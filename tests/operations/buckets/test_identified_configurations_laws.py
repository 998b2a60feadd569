"""The law of pages of configurations: whatever is added or deleted meanwhile, what stays is listed once and in order."""

from __future__ import annotations

import string

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes3part import FakeS3
from fakes3part.state.metrics import MetricsConfiguration
from tests.support.families import METRICS

IDS = st.sets(st.text(string.ascii_letters + string.digits + "._-", min_size=1, max_size=64), max_size=250)


def store(fake: FakeS3, ids: set[str]) -> None:
    configurations = {name: MetricsConfiguration(name) for name in ids}
    fake.store.buckets["bucket"].set_configuration("metrics", configurations or None)


@settings(max_examples=60)
@given(IDS, IDS, st.lists(IDS, max_size=3))
def test_pages(stay: set[str], others: set[str], later: list[set[str]]) -> None:
    fake = FakeS3()
    s3 = fake.client()
    try:
        s3.create_bucket(Bucket="bucket")
        store(fake, stay | others)
        listed: list[str] = []
        token = {}
        while True:
            page = METRICS.call(s3, "List", **token)
            names = [item["Id"] for item in page.get("MetricsConfigurationList", [])]
            assert len(names) <= 100
            listed += names
            if not page["IsTruncated"]:
                break
            assert len(names) == 100
            token = {"ContinuationToken": page["NextContinuationToken"]}
            if later:
                store(fake, stay | later.pop())
        assert listed == sorted(set(listed))
        assert stay <= set(listed)
    finally:
        s3.close()
