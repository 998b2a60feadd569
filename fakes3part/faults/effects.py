"""What can go wrong: the effects that ``FakeS3.fail`` takes. Plain values; `fakes3part.faults.injection` makes them happen.

    fakes3.fail("PutObject", "SlowDown", times=2)            # a code is short for faults.Error(code)
    fakes3.fail("GetObject", faults.Truncate(after=100))

As JSON an effect is its name and its fields: ``{"effect": "truncate", "after": 100}``; a lone code is ``"SlowDown"``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from ..errors import ERRORS

__all__ = [
    "Bandwidth",
    "Corrupt",
    "Duplicate",
    "Effect",
    "Error",
    "ErrorIn200",
    "Latency",
    "Malformed",
    "Refuse",
    "Reset",
    "Stall",
    "Truncate",
    "effect_from_json",
]


@dataclass(frozen=True)
class Effect:
    """One thing that can happen to a call. Frozen, comparable, to be used in any number of rules."""

    name: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        cls.name = re.sub(r"(?<!^)(?=[A-Z]|(?<=\D)\d)", "_", cls.__name__).lower()

    def to_json(self) -> dict[str, Any]:
        """``{"effect": name, **fields}``, without the fields that are None by default."""
        document: dict[str, Any] = {"effect": self.name}
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None or field.default is not None:
                document[field.name] = list(value) if isinstance(value, tuple) else value
        return document


@dataclass(frozen=True)
class Error(Effect):
    """S3 answers this error, and does nothing else.

    Args:
        code: a code that the fake knows (status and text are S3's then), or with ``status`` any other.
        message: another text.
        status: another status, 300 to 599.
        retry_after: seconds, sent as ``Retry-After``.

    Raises:
        ValueError: an unknown code without a status.
    """

    code: str
    message: str | None = None
    status: int | None = None
    retry_after: float | None = None

    def __post_init__(self) -> None:
        if self.status is None:
            _check_code(self.code, ", or give a status too")
        elif not 300 <= self.status <= 599:
            raise ValueError(f"{self.status} is no status of an error: 300 to 599 are")


@dataclass(frozen=True)
class ErrorIn200(Effect):
    """CompleteMultipartUpload, CopyObject or UploadPartCopy fails after its ``200 OK`` went out: an ``<Error>`` in the body.

    S3 sends status and headers early, then white space to keep the connection alive, and only then learns how it ends. Nothing
    is changed.

    Args:
        whitespace: how many characters of it stand between the XML declaration and the document.
    """

    code: str = "InternalError"
    message: str | None = None
    whitespace: int = 3

    OPERATIONS: ClassVar[frozenset[str]] = frozenset({"CompleteMultipartUpload", "CopyObject", "UploadPartCopy"})

    def __post_init__(self) -> None:
        _check_code(self.code)
        _check_not_negative("whitespace", self.whitespace)


@dataclass(frozen=True)
class Truncate(Effect):
    """The body of the answer is shorter than its Content-Length, then the connection ends. At least its last byte is lost.

    Args:
        after: how many bytes come.
        fraction: or which part of them, 0 to 1; half of them unless something is said.
    """

    after: int | None = None
    fraction: float | None = None

    def __post_init__(self) -> None:
        if self.after is not None and self.fraction is not None:
            raise ValueError("either after= or fraction=")
        _check_not_negative("after", self.after)
        if self.fraction is not None and not 0 <= self.fraction <= 1:
            raise ValueError("fraction= is a part of the body: 0 to 1")


@dataclass(frozen=True)
class Corrupt(Effect):
    """Bytes of the answer's body arrive with all their bits flipped. What is stored stays as it was.

    Args:
        at: where, counted from the body's start (negative: from its end); a place beyond it means its last byte.
        count: how many bytes.
    """

    at: int = 0
    count: int = 1

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError("count= is at least 1")


@dataclass(frozen=True)
class Reset(Effect):
    """The connection is reset.

    Args:
        when: ``before``: the operation never ran. ``after``: it ran, and all is changed as asked, but the answer never comes.
            ``during``: half of the answer's body came; where an answer has none (PutObject), the request is not heard to its
            end, and nothing is changed.
    """

    when: str = "before"

    def __post_init__(self) -> None:
        if self.when not in ("before", "during", "after"):
            raise ValueError(f"a connection is reset 'before', 'during' or 'after', not {self.when!r}")


@dataclass(frozen=True)
class Stall(Effect):
    """The answer stops coming, and the connection stays: the client's read timeout has to strike. The operation ran.

    Over HTTP the socket stalls until the client goes, the rule is removed or the server stops. In-process nobody waits: the
    client gets its timeout at once.

    Args:
        after: how many bytes of the body come before; None: not even status and headers.
    """

    after: int | None = 0

    def __post_init__(self) -> None:
        _check_not_negative("after", self.after)


@dataclass(frozen=True)
class Latency(Effect):
    """Each call takes longer, by the fake's clock: nobody really sleeps when a test has set or frozen that.

    Args:
        seconds: how much longer, or ``(low, high)``: drawn anew for each call, the same from run to run for one seed.
    """

    seconds: float | tuple[float, float]

    def __post_init__(self) -> None:
        if isinstance(self.seconds, list):  # JSON has no tuples
            object.__setattr__(self, "seconds", tuple(self.seconds))
        span = self.seconds if isinstance(self.seconds, tuple) else (self.seconds, self.seconds)
        if len(span) != 2 or not 0 <= span[0] <= span[1]:
            raise ValueError(f"seconds= is a time or (low, high), not {self.seconds!r}")


@dataclass(frozen=True)
class Bandwidth(Effect):
    """Bodies travel at this rate, both ways; time passes on the fake's clock, as for `Latency`."""

    bytes_per_second: float

    def __post_init__(self) -> None:
        if self.bytes_per_second <= 0:
            raise ValueError("bytes_per_second= is more than 0")


@dataclass(frozen=True)
class Malformed(Effect):
    """The XML of the answer breaks off in the middle of a tag, though the answer arrives whole. The operation ran."""


@dataclass(frozen=True)
class Duplicate(Effect):
    """The request is delivered twice, one after the other; the second answer is sent."""


@dataclass(frozen=True)
class Refuse(Effect):
    """Nobody listens: in-process ``EndpointConnectionError``.

    Over HTTP the connection is reset without an answer (a server that has heard which operation is asked for cannot refuse to
    be connected to any more).
    """


_EFFECTS: dict[str, type[Effect]] = {one.name: one for one in Effect.__subclasses__()}


def effect_from_json(document: str | Mapping[str, Any]) -> Effect:
    """An effect from its JSON form: a code, or an object with ``effect`` and its fields.

    Raises:
        ValueError: no such effect, field or value.
    """
    if isinstance(document, str):
        return Error(document)
    if not isinstance(document, Mapping):
        raise ValueError(f"an effect is a code or an object, not {document!r}")
    given = dict(document)
    name = given.pop("effect", None)
    effect = _EFFECTS.get(name) if isinstance(name, str) else None
    if effect is None:
        raise ValueError(f"no such effect: {name!r}{nearest(str(name), _EFFECTS)}")
    types = {field.name: str(field.type) for field in fields(effect)}
    for field, value in given.items():
        if field not in types:
            raise ValueError(f"{name} has no {field!r}: {', '.join(types) or 'no field at all'}")
        if not _fits(value, types[field]):
            raise ValueError(f"{name}: {field} is {types[field]}, not {value!r}")
    try:
        return effect(**given)
    except TypeError as wrong:
        raise ValueError(f"{name}: {wrong}") from None


def _fits(value: object, annotation: str) -> bool:
    """Whether a JSON value is what a field is annotated with: ``str``, ``int | None``, ``float | tuple[float, float]``."""
    if isinstance(value, bool) or value is None:
        return value is None and "None" in annotation
    if isinstance(value, list):
        return "tuple" in annotation and all(_fits(one, "float") for one in value)
    kinds: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (int, float)}
    return isinstance(value, kinds[annotation.partition(" ")[0]])


def nearest(name: str, known: Any) -> str:
    """``; did you mean A, B?`` of names that look like it, or nothing."""
    from difflib import get_close_matches

    similar = get_close_matches(name, known, 3, 0.5)
    return f"; did you mean {', '.join(similar)}?" if similar else ""


def _check_code(code: str, advice: str = "") -> None:
    if code not in ERRORS:
        raise ValueError(f"no error {code!r} known{nearest(code, ERRORS) or '.'} Take one of fakes3part.errors.ERRORS{advice}")


def _check_not_negative(name: str, value: int | None) -> None:
    if value is not None and value < 0:
        raise ValueError(f"{name}= cannot be negative")
