"""The leniences: what a fake accepts although S3 refuses it today, if its setting ``lenient`` says so.

A lenience accepts what S3 once accepted, or what a user can reasonably ask of a fake. None makes an answer up: a request that is
accepted is performed as S3 would perform it. Each use is recorded on the request, and from there in the journal, in a response
header, in a `LenientWarning` and in the summary of a pytest run.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Collection
from types import FrameType
from typing import NamedTuple

HEADER = "x-fakes3part-lenient"
"""The response header that names the leniences that the request used."""


class LenientWarning(UserWarning):
    """A request was accepted that S3 would refuse: a lenience of the fake was used.

    ``filterwarnings = error`` does not turn it into an error; a filter that names the category does
    (``error::fakes3part.LenientWarning``).
    """


class Lenience(NamedTuple):
    """A named lenience.

    Attributes:
        title: how reports call what is accepted.
        rule: what S3 does instead, and since when: the end of a sentence about the title.
    """

    name: str
    title: str
    rule: str


LENIENCES = {
    lenience.name: lenience
    for lenience in (
        Lenience("bucket_names", "bucket names", "since March 2018 S3 refuses underscores, upper case, more than 63 characters"),
        Lenience("acls", "ACLs and public access", "since April 2023 S3 disables both for new buckets"),
        Lenience("anonymous", "anonymous callers", "S3 denies them what no policy or ACL allows to everybody"),
        Lenience("other_accounts", "other accounts", "S3 denies them what no policy or ACL of the bucket allows"),
        Lenience("credentials", "credentials", "S3 refuses access keys that it does not know, and wrong signatures"),
    )
}
"""Every lenience by its name. Sources: "Bucket naming rules" and "Document history" in the S3 user guide."""

ALL = tuple(LENIENCES)

strict_run = False
"""Whether no fake is lenient, whatever its settings say: ``pytest --fakes3-strict``."""

listeners: list[Callable[[str], object]] = []
"""Called with the name of each lenience that is used, in the thread that handles the request."""

_test_number = 0
_warned: set[str] = set()


class LenientRequest:
    """The part of a request that leniences concern.

    Attributes:
        lenient: the leniences of the fake that handles the request.
        used_leniences: those that the request used.
    """

    __slots__ = ("lenient", "used_leniences")

    lenient: Collection[str]
    used_leniences: tuple[str, ...]


def allow(request: LenientRequest, name: str) -> bool:
    """Return whether the fake has a lenience. To be called only where S3 would refuse: the lenience counts as used."""
    if name not in request.lenient:
        return False
    if name not in request.used_leniences:
        request.used_leniences = (*request.used_leniences, name)
    return True


def report(names: Collection[str]) -> None:
    """Call the listeners with the leniences that a request used."""
    for name in names:
        for listener in tuple(listeners):
            listener(name)


# --- warnings ----------------------------------------------------------------------------------------------------------------


def begin_test() -> None:
    """Let each fake warn of each lenience again, once."""
    global _test_number
    _test_number += 1
    _warned.clear()


def warned_names() -> frozenset[str]:
    """Return the leniences of which a warning was given since `begin_test`."""
    return frozenset(_warned)


def warn_caller(warned: dict[str, int], names: Collection[str], operation: str | None, target: str) -> None:
    """Warn of the leniences that a request of this process used, at the line of the user's code that made it.

    Args:
        warned: which leniences the fake has warned of, and in which test; changed.
        operation: the operation's name; None: the request was rejected before it was routed.
        target: the path of the request.

    Raises:
        LenientWarning: a filter for this category makes it an error.
    """
    for name in names:
        if warned.get(name) == _test_number:
            continue
        warned[name] = _test_number
        _warned.add(name)
        frame, subject = _user_frame(), f"{operation or 'request'} {target}"
        warn(name, subject, frame.f_code.co_filename, frame.f_lineno, frame.f_globals.get("__name__"))


def warn(name: str, subject: str, filename: str, line: int, module: str | None) -> None:
    """Warn of a lenience at a line of the user's code.

    Raises:
        LenientWarning: a filter for this category makes it an error.
    """
    lenience = LENIENCES[name]
    text = (
        f"{subject}: accepted by the lenience {name!r} ({lenience.title}): {lenience.rule}; lenient=False, or "
        "pytest --fakes3-strict, does as S3 does"
    )
    module = module or "<unknown>"
    if _is_general_error(text, module, line):
        warnings.showwarning(LenientWarning(text), LenientWarning, filename, line)
    else:
        warnings.warn_explicit(text, LenientWarning, filename, line, module)


def _is_general_error(text: str, module: str, line: int) -> bool:
    """Return whether the filter that applies makes all warnings errors, not just this category."""
    for action, message, category, module_pattern, filter_line in warnings.filters:
        if (
            issubclass(LenientWarning, category)
            and _matches(message, text)
            and _matches(module_pattern, module)
            and filter_line in (0, line)
        ):
            return action == "error" and category is not LenientWarning
    return False


def _matches(pattern: object, text: str) -> bool:
    match = getattr(pattern, "match", None)  # a compiled pattern; None: everything matches; "default" filters are texts
    return pattern is None or (match(text) is not None if match is not None else pattern == text)


_LIBRARIES = frozenset(
    (
        "aioboto3",
        "aiobotocore",
        "aiohttp",
        "anyio",
        "asyncio",
        "boto3",
        "botocore",
        "concurrent",
        "fakes3part",
        "http",
        "httpcore",
        "httpx",
        "minio",
        "requests",
        "s3transfer",
        "threading",
        "urllib",
        "urllib3",
    )
)
"""Packages whose frames are no code of the user."""


def _user_frame() -> FrameType:
    """Return the innermost frame that belongs to none of the libraries between the user's code and the fake."""
    frame = sys._getframe(1)
    while frame.f_back is not None and str(frame.f_globals.get("__name__")).partition(".")[0] in _LIBRARIES:
        frame = frame.f_back
    return frame
