"""Which calls a rule or a pause is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase, translate
from typing import TYPE_CHECKING

from .effects import nearest

if TYPE_CHECKING:
    from ..auth.callers import Caller
    from ..message import Request
    from ..protocol.model import Operation


@dataclass(frozen=True)
class Asked:
    """A call as it came in: routed, its signature checked, nothing done yet.

    Attributes:
        operation: AWS's name of it.
        bucket: None for what asks for none.
        key: None for what asks for none, and for PostObject, whose form nobody has read yet.
        query: decoded.
        caller: who signed it (``caller.arn``, ``caller.access_key``, ``caller.is_anonymous``).
        request: as it was sent.
    """

    operation: str
    bucket: str | None
    key: str | None
    query: Mapping[str, str]
    caller: Caller
    request: Request

    @property
    def headers(self) -> Mapping[str, str]:
        """By lower-case name, as sent."""
        return self.request.headers

    @property
    def part_number(self) -> int | None:
        number = self.query.get("partNumber", "")
        return int(number) if number.isascii() and number.isdigit() else None

    @property
    def upload_id(self) -> str | None:
        return self.query.get("uploadId")

    @property
    def version_id(self) -> str | None:
        return self.query.get("versionId")

    def __str__(self) -> str:
        return " ".join(filter(None, (self.operation, "/".join(filter(None, (self.bucket, self.key))))))


When = Callable[[Asked], bool]


class Matcher:
    """Tells whether a call is meant: by operation, bucket and key (`fnmatch` patterns), part number, or anything else.

    Raises:
        ValueError: no operation has such a name.
    """

    __slots__ = ("_bucket", "_key", "asked_for", "bucket", "key", "operations", "part_numbers", "when")

    def __init__(
        self,
        operation: str | Iterable[str],
        *,
        bucket: str | None = None,
        key: str | None = None,
        part_number: int | Collection[int] | None = None,
        when: When | None = None,
        can: Callable[[Operation], bool] | None = None,
    ) -> None:
        self.asked_for = (operation,) if isinstance(operation, str) else tuple(operation)
        self.operations = _find(self.asked_for, can)
        self.bucket = bucket
        self.key = key
        self.part_numbers = numbers(part_number)
        self.when = when
        self._bucket = _pattern(bucket)
        self._key = _pattern(key)

    def __call__(self, asked: Asked) -> bool:
        return (
            asked.operation in self.operations
            and (self._bucket is None or (asked.bucket is not None and self._bucket.match(asked.bucket) is not None))
            and (self._key is None or (asked.key is not None and self._key.match(asked.key) is not None))
            and (self.part_numbers is None or asked.part_number in self.part_numbers)
            and (self.when is None or bool(self.when(asked)))
        )

    def __str__(self) -> str:
        wanted = {"bucket": self.bucket, "key": self.key, "part_number": self.part_numbers and sorted(self.part_numbers)}
        told = [f"{name}={value!r}" for name, value in wanted.items() if value is not None]
        return ", ".join([" | ".join(self.asked_for), *told, *([] if self.when is None else ["when=..."])])


def numbers(given: int | Collection[int] | None) -> frozenset[int] | None:
    """One number or several. Raises ValueError: none at all, or one below 1."""
    if given is None:
        return None
    found = frozenset((given,) if isinstance(given, int) else given)
    if not found or not all(isinstance(number, int) and number >= 1 for number in found):
        raise ValueError(f"numbers count from 1: {given!r}")
    return found


def _pattern(text: str | None) -> re.Pattern[str] | None:
    return None if text is None else re.compile(translate(text))


def _find(asked_for: tuple[str, ...], can: Callable[[Operation], bool] | None) -> frozenset[str]:
    from ..protocol.model import s3_model  # of no use to a fake without faults

    model = s3_model()
    known = {**model.operations, model.post_object.name: model.post_object}
    found: set[str] = set()
    for name in asked_for:
        matching = [known[name]] if name in known else [known[one] for one in known if fnmatchcase(one, name)]
        if not matching:
            raise ValueError(f"S3 has no operation {name!r}{nearest(name, known)}")
        found.update(one.name for one in matching if can is None or can(one))
    if not asked_for:
        raise ValueError("no operation was named")
    return frozenset(found)
