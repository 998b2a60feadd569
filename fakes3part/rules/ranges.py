"""``Range`` on GET and HEAD, ``x-amz-copy-source-range`` on UploadPartCopy."""

from __future__ import annotations

import re

from ..errors import S3Error, invalid_argument
from ..text import whole_number

_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)
_COPY_RANGE = re.compile(r"bytes=(\d+)-(\d+)", re.ASCII)


def byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """``[start, stop)`` of a Range header; None means the whole object, also for a header S3 ignores.

    S3 ignores what is not one well-formed range (``bytes=5-2``, several ranges, another unit). The last bytes of an empty object
    are the whole object (issues arrow-rs-object-store 846 and S3Mock 2789).

    Raises:
        S3Error: InvalidRange (416) if the range begins after the end of the object, or is that of its last 0 bytes.
    """
    match = _RANGE.fullmatch(header) if header else None
    if header is None or match is None:
        return None
    first, last = whole_number(match[1]), whole_number(match[2])
    if first is None and last is None:
        return None
    if first is not None and last is not None and first > last:
        return None
    if first is None:
        if size == 0 and last:
            return None
        start, stop = max(size - (last or 0), 0), size
    else:
        start, stop = first, size if last is None else min(last + 1, size)
    if start >= size or start >= stop:
        raise S3Error("InvalidRange", RangeRequested=header, ActualObjectSize=size)
    return start, stop


def copy_range(header: str, size: int) -> tuple[int, int]:
    """``[start, stop)`` of a copy-source range.

    Raises:
        S3Error: InvalidArgument when it is not ``bytes=first-last`` or ends beyond the source (S3 does not clamp here);
            InvalidRequest when it begins beyond the source.
    """
    match = _COPY_RANGE.fullmatch(header)
    first, last = (whole_number(match[1]), whole_number(match[2])) if match else (None, None)
    if first is None or last is None or first > last:
        raise invalid_argument(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
            "zero-based offsets of the first and last bytes to copy",
            "x-amz-copy-source-range",
            header,
        )
    if first >= size:
        raise S3Error("InvalidRequest", "The specified copy range is invalid for the source object size")
    if last >= size:
        raise invalid_argument(
            f"Range specified is not valid for source object of size: {size}", "x-amz-copy-source-range", header
        )
    return first, last + 1
