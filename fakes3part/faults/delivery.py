"""What an injected fault does to the bytes of a response's body, for every door: how many are delivered, and at which rate.

What happens after the delivered bytes (`Delivery.end`) is the door's: a socket is closed, or an exception of a library raised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..message import Buffer, Delivery, Segments, size_of

STEP = 0.05
"""Seconds between two deliveries of a throttled body."""


def delivered(body: Segments, delivery: Delivery) -> Iterator[Buffer]:
    """Yield the delivered bytes of a body at the delivery's rate, for doors that send a body."""
    for seconds, buffer in delivery_steps(body, delivery):
        if seconds:
            delivery.sleep(seconds)
        yield buffer


def delivery_steps(body: Segments, delivery: Delivery) -> Iterator[tuple[float, Buffer]]:
    """Yield the delivered bytes of a body in buffers, each with the seconds to wait before it."""
    buffers = _first_bytes(body, delivery.body)
    rate = delivery.rate
    if rate is None:
        yield from ((0, buffer) for buffer in buffers)
        return
    size = max(1, int(rate * STEP))
    for buffer in buffers:
        view = memoryview(buffer)
        for start in range(0, len(view), size):
            step = view[start : start + size]
            yield len(step) / rate, step


def _first_bytes(body: Segments, size: int | None) -> Iterator[Buffer]:
    """Yield the first ``size`` bytes of a body; None: all."""
    left = size_of(body) if size is None else size
    for segment in body:
        if left <= 0:
            return
        yield segment if len(segment) <= left else memoryview(segment)[:left]
        left -= len(segment)


class DeliveredPart:
    """Reads the delivered bytes of a body at the delivery's rate, for doors whose client reads the body as it likes.

    Args:
        read: returns up to a number of bytes of the whole body.
        size: the size of the whole body, in bytes.
        delivery: of the response.

    Attributes:
        left: the number of bytes that are still to be delivered.
    """

    def __init__(self, read: Callable[[int], bytes], size: int, delivery: Delivery) -> None:
        self._read = read
        self._delivery = delivery
        self.left = size if delivery.body is None else delivery.body

    def read(self, size: int) -> bytes:
        """Return up to ``size`` of the bytes that are left, after the time that they take."""
        data = self._read(min(size, self.left))
        self.left -= len(data)
        if self._delivery.rate is not None and data:
            self._delivery.sleep(len(data) / self._delivery.rate)
        return data
