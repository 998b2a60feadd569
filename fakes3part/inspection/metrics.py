"""What the metrics configurations of a bucket have counted."""

from __future__ import annotations

from ..rules.request_metrics import values
from ..state.store import Store
from ..text import alternatives
from .mappings import UnknownNameError


def request_metrics(store: Store, bucket_name: str, configuration_id: str) -> dict[str, float]:
    """Return the metrics of a configuration, by CloudWatch's names.

    Raises:
        UnknownNameError: there is no such bucket, or it has no such configuration.
    """
    bucket = store.get(bucket_name)
    if bucket is None:
        names = list(store.buckets)
        raise UnknownNameError(bucket_name, lambda: f"no bucket {bucket_name!r}; {alternatives(bucket_name, names)}")
    with bucket.lock:
        configurations, sums = bucket.metrics or {}, bucket.metric_sums
    if configuration_id not in configurations:
        text = f"no metrics configuration {configuration_id!r} of {bucket_name!r}"
        raise UnknownNameError(configuration_id, lambda: f"{text}; {alternatives(configuration_id, configurations)}")
    return values(sums.get(configuration_id, {}))
