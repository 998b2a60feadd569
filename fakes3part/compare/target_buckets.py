"""One set of buckets at a target, which stands for the buckets of one fake."""

from __future__ import annotations

import re

from ..locks import new_lock
from ..message import Request
from .answers import Answer, Content
from .bucket_names import BucketNames
from .cleanup import delete_bucket
from .correspondence import Correspondence
from .documents import parse
from .target import Target

_LOCATION = re.compile(rb"<LocationConstraint>([^<]+)</")
_REGIONS = {"EU": "eu-west-1"}
"""Location constraints that are no names of regions."""


class TargetBuckets:
    """The buckets of one fake at a target, and what is known of the values that both made.

    Args:
        number: makes the names of its buckets differ from those of the run's other fakes.

    Attributes:
        regions: the region of each bucket that was created at the target, by its name there.
    """

    def __init__(self, target: Target, number: int) -> None:
        self.names = BucketNames(f"{target.token}-{number}")
        self.correspondence = Correspondence()
        self.regions: dict[str, str | None] = {}
        self._target = target
        self._lock = new_lock()

    def note(self, operation: str | None, request: Request, region: str | None, answer: Answer) -> None:
        """Remember a bucket that a request has created, or forget one that it has deleted."""
        name = request.path.lstrip("/").partition("/")[0]
        with self._lock:
            if operation == "CreateBucket" and answer.status == 200 and self.names.is_own(name):
                constraint = _LOCATION.search(request.payload.data)
                self.regions[name] = region if constraint is None else _REGIONS.get(text := constraint[1].decode(), text)
            elif operation == "DeleteBucket" and answer.status == 204:
                self.regions.pop(name, None)

    def region_of(self, request: Request) -> str | None:
        """Return the region of the bucket that a request to the target addresses; None: it is none of these."""
        return self.regions.get(request.path.lstrip("/").partition("/")[0])

    def has_created(self, bucket: str) -> bool:
        """Return whether the bucket of this name in the fake was created at the target."""
        return self.names.at_target(bucket) in self.regions

    def in_fake(self, answer: Answer, *, is_stored: bool) -> Answer:
        """Return an answer of the target with the fake's names of buckets, and without other buckets of the account.

        Args:
            is_stored: whether the body is an object's bytes, which stay as they are.
        """
        restore = self.names.in_fake
        account = self._target.credentials.account
        values = self.correspondence.values_of("fake")
        if account is not None and account in values:
            names_only = restore

            def restore(text: str) -> str:
                return names_only(text).replace(account, values[account])

        headers = tuple((name, restore(value)) for name, value in answer.headers)
        content = answer.content
        if not is_stored and content.data:
            data = _without_other_buckets(content.data, self.names)
            text = restore(data.decode("utf-8", "surrogateescape"))
            content = Content.of((text.encode("utf-8", "surrogateescape"),))
        return Answer(answer.status, headers, content)

    def clean_up(self) -> list[str]:
        """Delete these buckets at the target; a sentence is returned for each one that is left."""
        with self._lock:
            regions, self.regions = self.regions, {}
        problems = [delete_bucket(self._target, name, region) for name, region in regions.items()]
        return [problem for problem in problems if problem is not None]


def _without_other_buckets(data: bytes, names: BucketNames) -> bytes:
    """Return a response to ListBuckets with these buckets only; other documents stay."""
    if b"<ListAllMyBucketsResult" not in data[:1000]:
        return data
    start, end = b"<Bucket>", b"</Bucket>"
    head, *entries = data.split(start)
    kept, tail = [head], b""
    for entry in entries:
        body, _, tail = entry.partition(end)
        root = parse(start + body + end)
        if root is not None and names.is_own(root.find("Name") or ""):
            kept.append(start + body + end)
    own = f"{names.token}-".encode()
    return (b"".join(kept) + tail).replace(b"<Prefix>" + own + b"</Prefix>", b"").replace(b"<Prefix>" + own, b"<Prefix>")


def at_own_prefix(request: Request, names: BucketNames) -> Request:
    """Return a ListBuckets request with a prefix or pages, limited to these buckets, so that pages are the same."""
    names_of_pairs = [pair.partition("=")[0] for pair in request.query.split("&")]
    if request.path != "/" or not {"max-buckets", "prefix"} & {*names_of_pairs}:
        return request
    pairs = [pair for pair in request.query.split("&") if not pair.startswith("prefix=")]
    prefix = next((pair[len("prefix=") :] for pair in request.query.split("&") if pair.startswith("prefix=")), "")
    request.query = "&".join([*pairs, f"prefix={names.token}-{prefix}"])
    return request
