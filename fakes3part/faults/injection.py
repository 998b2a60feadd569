"""What the effects of `fakes3part.faults` do to a call: before the operation, and to its answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ..clock import Clock
from ..errors import ERRORS, S3Error
from ..message import Buffer, Response, Segments, Wire
from .effects import Bandwidth, Corrupt, Duplicate, Effect, Error, ErrorIn200, Latency, Malformed, Refuse, Reset, Stall, Truncate

if TYPE_CHECKING:
    from ..protocol.model import Operation
    from .matching import Asked
    from .pauses import Pause
    from .rules import Rule

WAITS = (Latency, Bandwidth)
"""Effects that only take time: any number of them, and one other, can befall one call."""


class Fate:
    """What happens to one call.

    Attributes:
        name: the effects' names, for the journal; None when the call is only held up by a pause.
        twice: the operation is to be performed once more than asked, the first answer dropped.
    """

    __slots__ = ("_after", "_asked", "_before", "_clock", "_delay", "_effect", "_rate", "_rule", "name", "twice")

    def __init__(
        self,
        asked: Asked,
        clock: Clock,
        rule: Rule | None,
        waits: Sequence[Rule],
        before: Sequence[Pause],
        after: Sequence[Pause],
    ) -> None:
        self._asked = asked
        self._clock = clock
        self._rule = rule
        self._effect = None if rule is None else rule.effect
        self._before = before
        self._after = after
        self._delay = sum(map(_delay, waits))
        self._rate = min((one.effect.bytes_per_second for one in waits if isinstance(one.effect, Bandwidth)), default=None)
        self.name = "+".join(_told(one.effect) for one in (*waits, rule) if one is not None) or None
        self.twice = isinstance(self._effect, Duplicate)

    def begin(self, operation: Operation) -> bool:
        """All that comes before the operation. False: nobody heard of the request, and it is not performed.

        Raises:
            S3Error: the answer, instead of the operation's.
        """
        for pause in self._before:
            pause.hold(self._asked)
        delay = self._delay
        if self._rate is not None:
            delay += (self._asked.request.content_length or 0) / self._rate
        if delay:
            self._clock.sleep(delay)
        effect = self._effect
        if isinstance(effect, Error):
            raise _error(effect)
        if isinstance(effect, ErrorIn200):
            raise S3Error(effect.code, effect.message)
        return not (isinstance(effect, Refuse) or (isinstance(effect, Reset) and _is_unheard(effect, operation)))

    def end(self, response: Response) -> Response:
        """All that comes after the operation: the answer as it will arrive."""
        harm = _HARMS.get(type(self._effect))
        fields = {} if harm is None else harm(self._effect, response)
        if self._rule is not None and fields:
            response.wire = Wire(**fields, rate=self._rate, sleep=self._clock.sleep, over=self._rule.over)
        elif self._rate is not None:
            response.wire = Wire(rate=self._rate, sleep=self._clock.sleep)
        for pause in self._after:
            pause.hold(self._asked)
        return response


def can_befall(effect: Effect, operation: Operation) -> bool:
    """Whether such a thing can happen to this operation at all: what has no body cannot come in half."""
    if isinstance(effect, ErrorIn200):
        return operation.name in ErrorIn200.OPERATIONS
    if isinstance(effect, Malformed):
        return _answers_xml(operation)
    return not isinstance(effect, (Truncate, Corrupt)) or _answers_body(operation)


def _answers_body(operation: Operation) -> bool:
    shape = operation.output_shape
    return operation.method != "HEAD" and shape is not None and (shape.payload is not None or any(True for _ in shape.body()))


def _answers_xml(operation: Operation) -> bool:
    shape = operation.output_shape
    if shape is None or not _answers_body(operation):
        return False
    return shape.payload is None or shape.member(shape.payload).type == "structure"


def _is_unheard(effect: Reset, operation: Operation) -> bool:
    return effect.when == "before" or (effect.when == "during" and not _answers_body(operation))


def _delay(rule: Rule) -> float:
    if not isinstance(rule.effect, Latency):
        return 0.0
    seconds = rule.effect.seconds
    return rule.dice.uniform(*seconds) if isinstance(seconds, tuple) else seconds


def _told(effect: Effect) -> str:
    if isinstance(effect, (Error, ErrorIn200)):
        return f"{effect.name}({effect.code})"
    return f"{effect.name}({effect.when})" if isinstance(effect, Reset) else effect.name


def _error(effect: Error) -> S3Error:
    error = S3Error(effect.code if effect.code in ERRORS else "InternalError", effect.message)
    if effect.code not in ERRORS:
        error.code, error.message = effect.code, effect.message or ""
    if effect.status is not None:
        error.status = effect.status
    if effect.retry_after is not None:
        error.headers = {"Retry-After": f"{effect.retry_after:g}"}
    return error


# --- harm done to the answer: each function returns the fields of a Wire, maybe none ---------------------------------------

Fields: TypeAlias = "dict[str, Any]"


def _size(body: Segments) -> int:
    return sum(map(len, body))


def _truncate(effect: Truncate, response: Response) -> Fields:
    size = _size(response.body)
    if not size:
        return {}
    wanted = int(size * (0.5 if effect.fraction is None else effect.fraction)) if effect.after is None else effect.after
    return {"body": min(wanted, size - 1), "end": "close"}


def _stall(effect: Stall, response: Response) -> Fields:
    size = _size(response.body)
    if effect.after is None or not size:
        return {"head": False, "end": "stall"}
    return {"body": min(effect.after, size - 1), "end": "stall"}


def _reset(effect: Reset, response: Response) -> Fields:
    size = _size(response.body)
    return {"body": size // 2, "end": "reset"} if effect.when == "during" and size else {"head": False, "end": "reset"}


def _refuse(effect: Refuse, response: Response) -> Fields:
    return {"head": False, "end": "refuse"}


def _corrupt(effect: Corrupt, response: Response) -> Fields:
    size = _size(response.body)
    if size:
        at = effect.at if effect.at >= 0 else max(size + effect.at, 0)
        response.body = _flipped(response.body, min(at, size - 1), effect.count)
    return {}


def _flipped(body: Segments, start: int, count: int) -> Segments:
    """The segments with ``count`` bytes from ``start`` inverted; no other byte is copied, none of the original is touched."""
    flipped: list[Buffer] = []
    for segment in body:
        view = memoryview(segment)
        low, high = max(start, 0), min(start + count, len(view))
        if low < high:
            flipped += (view[:low], bytes(byte ^ 0xFF for byte in view[low:high]), view[high:])
        else:
            flipped.append(segment)
        start -= len(view)
    return flipped


def _malform(effect: Malformed, response: Response) -> Fields:
    document = b"".join(map(bytes, response.body))
    cut = document.find(b"<", len(document) // 2)
    if cut >= 0:
        response.body = (document[: cut + 2],)
        length = str(cut + 2)
        response.headers = [(name, length if name.lower() == "content-length" else value) for name, value in response.headers]
    return {}


def _error_in_200(effect: ErrorIn200, response: Response) -> Fields:
    document = b"".join(map(bytes, response.body))
    response.status = 200
    response.body = (document.replace(b"<Error>", b" " * effect.whitespace + b"<Error>", 1),)
    return {}


_HARMS: dict[type, Callable[[Any, Response], Fields]] = {
    Truncate: _truncate,
    Stall: _stall,
    Reset: _reset,
    Refuse: _refuse,
    Corrupt: _corrupt,
    Malformed: _malform,
    ErrorIn200: _error_in_200,
}
