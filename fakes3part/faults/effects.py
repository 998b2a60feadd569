"""The fault effects that ``FakeS3.fail`` takes.

    fakes3.fail("PutObject", "SlowDown", times=2)            # a code is short for faults.Error(code)
    fakes3.fail("GetObject", faults.Truncate(after=100))

To add an effect, write its class here and add its name to ``faults/__init__.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ..argument_checks import check_text, is_number, is_whole
from ..errors import ERRORS, S3Error
from ..message import Delivery, size_of
from ..text import suggestion
from .effect import Effect
from .inversion import inverted

if TYPE_CHECKING:
    from random import Random

    from ..message import Response
    from ..protocol.model import Operation


# --- errors ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Error(Effect):
    """S3 responds with this error instead of performing the operation.

    Args:
        code: a code of ``fakes3part.errors.ERRORS``, which sets status and message, or with ``status`` any other code.
        message: replaces S3's message; None: S3's message.
        status: replaces S3's HTTP status, 300 to 599; None: S3's status.
        retry_after: seconds for the ``Retry-After`` header; None: the header is not sent.

    Raises:
        ValueError: the code is unknown and there is no status, the status is not 300 to 599, or retry_after is negative.
    """

    code: str
    message: str | None = None
    status: int | None = None
    retry_after: float | None = None

    applies_to_notifications: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.status is None:
            _check_code(self.code, ", or pass status= too")
        elif not (is_whole(self.status) and 300 <= self.status <= 599):
            raise ValueError(f"status= is the HTTP status of an error, 300 to 599, not {self.status!r}")
        check_text(code=self.code, message=self.message)
        _check_not_negative("retry_after", self.retry_after)

    @property
    def label(self) -> str:
        return f"{self.name}({self.code})"

    def before(self, operation: Operation) -> bool:
        error = S3Error(self.code if self.code in ERRORS else "InternalError", self.message)
        if self.code not in ERRORS:
            error.code, error.message = self.code, self.message or ""
        if self.status is not None:
            error.status = self.status
        if self.retry_after is not None:
            error.headers = {"Retry-After": f"{self.retry_after:g}"}
        raise error

    def notification_failure(self) -> str | None:
        return self.code if self.message is None else f"{self.code}: {self.message}"


@dataclass(frozen=True)
class ErrorIn200(Effect):
    """CompleteMultipartUpload, CopyObject or UploadPartCopy fails after its ``200 OK`` was sent: an ``<Error>`` in the body.

    S3 sends status and headers early, then white space to keep the connection open until the result is known. The operation is
    not performed.

    Args:
        code: a code of ``fakes3part.errors.ERRORS``.
        message: replaces S3's message; None: S3's message.
        whitespace: the number of blanks between the XML declaration and the document.

    Raises:
        ValueError: the code is unknown, or ``whitespace`` is negative.
    """

    code: str = "InternalError"
    message: str | None = None
    whitespace: int = 3

    requirement: ClassVar[str] = "it applies to CompleteMultipartUpload, CopyObject and UploadPartCopy only"

    def __post_init__(self) -> None:
        _check_code(self.code)
        check_text(message=self.message)
        _check_not_negative("whitespace", self.whitespace, whole=True)

    @property
    def label(self) -> str:
        return f"{self.name}({self.code})"

    def applies_to(self, operation: Operation) -> bool:
        return operation.name in ("CompleteMultipartUpload", "CopyObject", "UploadPartCopy")

    def before(self, operation: Operation) -> bool:
        raise S3Error(self.code, self.message)

    def deliver(self, response: Response) -> Delivery | None:
        document = b"".join(map(bytes, response.body))
        response.status = 200
        response.body = (document.replace(b"<Error>", b" " * self.whitespace + b"<Error>", 1),)
        return None


# --- the response's body -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Truncate(Effect):
    """The connection ends before the response's body does. At least the body's last byte is lost.

    Args:
        after: the number of bytes that are sent; None: ``fraction`` decides.
        fraction: the part of the body that is sent, 0 to 1; None: ``after`` decides or, if that is None too, half of the body.

    Raises:
        ValueError: both arguments are given, or one is out of its range.
    """

    after: int | None = None
    fraction: float | None = None

    requirement: ClassVar[str] = "it applies to operations whose response has a body"

    def __post_init__(self) -> None:
        if self.after is not None and self.fraction is not None:
            raise ValueError("after= and fraction= exclude each other")
        _check_not_negative("after", self.after, whole=True)
        if self.fraction is not None and not (is_number(self.fraction) and 0 <= self.fraction <= 1):
            raise ValueError(f"fraction= is a part of the body, 0 to 1, not {self.fraction!r}")

    def applies_to(self, operation: Operation) -> bool:
        return _has_response_body(operation)

    def deliver(self, response: Response) -> Delivery | None:
        size = _body_size(response)
        if not size:
            return None
        sent = int(size * (0.5 if self.fraction is None else self.fraction)) if self.after is None else self.after
        return Delivery(body=min(sent, size - 1), end="close")


@dataclass(frozen=True)
class Corrupt(Effect):
    """Bytes of the response's body arrive with all their bits inverted. The stored object is unchanged.

    Args:
        offset: the index of the first such byte; negative: counted from the body's end. Beyond the end it means the last byte.
        count: the number of such bytes.

    Raises:
        ValueError: ``count`` is less than 1.
    """

    offset: int = 0
    count: int = 1

    requirement: ClassVar[str] = "it applies to operations whose response has a body"

    def __post_init__(self) -> None:
        if not is_whole(self.offset):
            raise ValueError(f"offset= is the index of a byte, not {self.offset!r}")
        if not is_whole(self.count) or self.count < 1:
            raise ValueError(f"count= is at least 1, not {self.count!r}")

    def applies_to(self, operation: Operation) -> bool:
        return _has_response_body(operation)

    def deliver(self, response: Response) -> Delivery | None:
        size = _body_size(response)
        if size:
            start = self.offset if self.offset >= 0 else max(size + self.offset, 0)
            response.body = inverted(response.body, min(start, size - 1), self.count)
        return None


@dataclass(frozen=True)
class Malformed(Effect):
    """The XML of the response ends in the middle of a tag, though the response is delivered whole. The operation is performed."""

    requirement: ClassVar[str] = "it applies to operations whose response is an XML document"

    def applies_to(self, operation: Operation) -> bool:
        shape = operation.output_shape
        if shape is None or not _has_response_body(operation):
            return False
        return shape.payload is None or shape.member(shape.payload).type == "structure"

    def deliver(self, response: Response) -> Delivery | None:
        document = b"".join(map(bytes, response.body))
        cut = document.find(b"<", len(document) // 2)
        if cut >= 0:
            response.body = (document[: cut + 2],)
            length = str(cut + 2)
            response.headers = [(name, length if name.lower() == "content-length" else value) for name, value in response.headers]
        return None


# --- the connection ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reset(Effect):
    """The connection is reset.

    Args:
        when: ``before``: the operation is not performed. ``after``: it is performed, but no response is sent. ``during``: half
            of the response's body is sent; if the operation's response has no body (PutObject), the request is not read to its
            end and the operation is not performed.

    Raises:
        ValueError: ``when`` is none of these.
    """

    when: str = "before"

    def __post_init__(self) -> None:
        if self.when not in ("before", "during", "after"):
            raise ValueError(f"when= is 'before', 'during' or 'after', not {self.when!r}")

    @property
    def label(self) -> str:
        return f"{self.name}({self.when})"

    def before(self, operation: Operation) -> bool:
        return not (self.when == "before" or (self.when == "during" and not _has_response_body(operation)))

    def deliver(self, response: Response) -> Delivery | None:
        size = _body_size(response)
        if self.when == "during" and size:
            return Delivery(body=size // 2, end="reset")
        return Delivery(head=False, end="reset")


@dataclass(frozen=True)
class Stall(Effect):
    """The response stops but the connection stays open, so that the client's read timeout applies. The operation is performed.

    Over HTTP the socket stalls until the client closes it, the rule is removed or the server stops. In-process there is no
    wait: the client gets its timeout error at once.

    Args:
        after: the number of bytes of the body that are sent before; None: not even status and headers are sent.

    Raises:
        ValueError: ``after`` is negative.
    """

    after: int | None = 0

    def __post_init__(self) -> None:
        _check_not_negative("after", self.after, whole=True)

    def deliver(self, response: Response) -> Delivery | None:
        size = _body_size(response)
        if self.after is None or not size:
            return Delivery(head=False, end="stall")
        return Delivery(body=min(self.after, size - 1), end="stall")


@dataclass(frozen=True)
class Refuse(Effect):
    """The connection is refused: ``EndpointConnectionError`` in-process.

    Over HTTP the connection is reset without a response instead: when the server knows the operation, it has already accepted
    the connection.
    """

    applies_to_notifications: ClassVar[bool] = True

    def notification_failure(self) -> str | None:
        return "the connection was refused"

    def before(self, operation: Operation) -> bool:
        return False

    def deliver(self, response: Response) -> Delivery | None:
        return Delivery(head=False, end="refuse")


@dataclass(frozen=True)
class Duplicate(Effect):
    """The request, or the notification, is delivered twice, one after the other. The second response is sent."""

    repeats_request: ClassVar[bool] = True
    applies_to_notifications: ClassVar[bool] = True


@dataclass(frozen=True)
class Reorder(Effect):
    """A notification is held back, and delivered after the next one to its destination."""

    reorders: ClassVar[bool] = True
    applies_to_notifications: ClassVar[bool] = True
    requirement: ClassVar[str] = "it applies to notifications only"

    def applies_to(self, operation: Operation) -> bool:
        return False


# --- time --------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Latency(Effect):
    """Each call takes longer, by the fake's clock: if a test controls that clock, nothing really sleeps.

    A notification is delivered when that time has passed on the fake's clock; nothing waits for it.

    Args:
        seconds: the delay, or ``(low, high)``: drawn for each call from the rule's random generator.

    Raises:
        ValueError: a time is negative, or ``low`` is greater than ``high``.
    """

    seconds: float | tuple[float, float]

    only_delays: ClassVar[bool] = True
    applies_to_notifications: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if isinstance(self.seconds, list):  # JSON has no tuples
            object.__setattr__(self, "seconds", tuple(self.seconds))
        span = self.seconds if isinstance(self.seconds, tuple) else (self.seconds, self.seconds)
        if len(span) != 2 or not all(map(is_number, span)) or not 0 <= span[0] <= span[1]:
            raise ValueError(f"seconds= is a time or (low, high), not {self.seconds!r}")

    def latency(self, random: Random) -> float:
        return random.uniform(*self.seconds) if isinstance(self.seconds, tuple) else self.seconds


@dataclass(frozen=True)
class Bandwidth(Effect):
    """Bodies are transferred at this rate, both ways, by the fake's clock, as for `Latency`.

    Raises:
        ValueError: the rate is not positive.
    """

    bytes_per_second: float

    only_delays: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not is_number(self.bytes_per_second) or self.bytes_per_second <= 0:
            raise ValueError(f"bytes_per_second= is more than 0, not {self.bytes_per_second!r}")

    @property
    def bandwidth(self) -> float | None:
        return self.bytes_per_second


def _has_response_body(operation: Operation) -> bool:
    shape = operation.output_shape
    return operation.method != "HEAD" and shape is not None and (shape.payload is not None or any(True for _ in shape.body()))


def _body_size(response: Response) -> int:
    return size_of(response.body)


def _check_code(code: str, advice: str = "") -> None:
    if not isinstance(code, str) or code not in ERRORS:
        raise ValueError(f"S3 has no error {code!r}{suggestion(code, ERRORS) or '.'} Use one of fakes3part.errors.ERRORS{advice}")


def _check_not_negative(name: str, value: float | None, *, whole: bool = False) -> None:
    if value is None:
        return
    if not (is_whole if whole else is_number)(value):
        raise ValueError(f"{name}= is a {'whole ' if whole else ''}number, at least 0, not {value!r}")
    if value < 0:
        raise ValueError(f"{name}= is at least 0, not {value}")
