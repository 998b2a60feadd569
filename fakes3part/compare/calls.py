"""What was compared: one call with the two outcomes, as data for reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import unquote

from .. import redaction
from .answers import Answer
from .differences import Difference, error_of
from .signing import unsigned_query

_UNIMPORTANT = ("x-id=", "encoding-type=", "list-type=")
_SHOWN = 65536
"""The longest body, in characters, that a report holds."""


class Outcome(NamedTuple):
    """The outcome of a call in short: status, and S3's code and message, '' if there are none."""

    status: int
    code: str = ""
    message: str = ""

    @classmethod
    def of(cls, answer: Answer) -> Outcome:
        """Return the outcome of a response."""
        return cls(answer.status, *error_of(answer))

    def __str__(self) -> str:
        if self.code:
            return f"{self.status} {self.code}: {self.message}"
        return str(self.status)


def shown_target(path: str, query: str) -> str:
    """Return bucket, key and query for people: decoded, without the parameters of signatures, long values shortened.

    Args:
        path: in path style.
    """
    target = unquote(path.strip("/") if path.count("/") < 3 and path.endswith("/") else path[1:]) or "/"
    pairs = [pair for pair in redaction.query(unsigned_query(query)).split("&") if pair and not pair.startswith(_UNIMPORTANT)]
    shown = "&".join(f"{pair[:24]}…" if len(pair) > 40 else pair for pair in pairs)
    return f"{target}?{shown}" if shown else target


@dataclass
class ComparedCall:
    """A call that was sent to a fake and to another S3.

    Attributes:
        test: the test that made it; '' if none did.
        operation: AWS's name of it; None: the fake has refused the request before it was routed.
        target: path and query, without secrets.
        real: the other S3's outcome; None: it was not compared.
        reason: why it was not compared; '' if it was.
        overlaps: whether another call was under way, so that both S3s may have had them in another order.
        answers: the fake's response and the other's, in the fake's terms; None: they do not differ.
    """

    test: str
    operation: str | None
    method: str
    target: str
    fake: Outcome
    real: Outcome | None = None
    reason: str = ""
    differences: list[Difference] = field(default_factory=list)
    overlaps: bool = False
    number: int = 0
    answers: tuple[Answer, Answer] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the call in types that JSON has."""
        document: dict[str, Any] = {
            "test": self.test or None,
            "call": self.number,
            "operation": self.operation,
            "method": self.method,
            "target": self.target,
            "fake": self.fake._asdict(),
            "real": None if self.real is None else self.real._asdict(),
        }
        if self.reason:
            document["not_compared"] = self.reason
        if self.overlaps:
            document["overlaps"] = True
        if self.differences:
            document["differences"] = [difference._asdict() for difference in self.differences]
        if self.answers is not None:
            document["responses"] = {
                side: {"headers": redaction.headers(answer.by_name()), "body": answer.content.text[:_SHOWN]}
                for side, answer in zip(("fake", "real"), self.answers, strict=True)
            }
        return document
