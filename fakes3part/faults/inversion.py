"""Bodies with some bytes inverted, for the effect `Corrupt`."""

from __future__ import annotations

from ..message import Buffer, LazySegments, Segments


def inverted(body: Segments, start: int, count: int) -> Segments:
    """Return the segments with ``count`` bytes from ``start`` inverted. No other byte is copied; the originals are unchanged."""
    if isinstance(body, LazySegments):
        return LazilyInverted(body, start, count)
    segments: list[Buffer] = []
    for segment in body:
        view = memoryview(segment)
        low, high = max(start, 0), min(start + count, len(view))
        if low < high:
            segments += (view[:low], bytes(byte ^ 0xFF for byte in view[low:high]), view[high:])
        else:
            segments.append(segment)
        start -= len(view)
    return segments


class LazilyInverted(LazySegments):
    """Segments that are read or made when they are accessed, with ``count`` bytes from ``start`` inverted."""

    def __init__(self, body: LazySegments, start: int, count: int) -> None:
        self._body, self._start, self._count = body, start, count
        self._offsets = [0]
        self.size = body.size

    def __len__(self) -> int:
        return len(self._body)

    def segment(self, index: int) -> Buffer:
        offsets = self._offsets
        while len(offsets) <= index:
            offsets.append(offsets[-1] + len(self._body[len(offsets) - 1]))
        pieces = inverted([self._body[index]], self._start - offsets[index], self._count)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)
