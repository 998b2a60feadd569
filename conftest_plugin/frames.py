"""Hides the insides of libraries in the report of a failing test: what lies between the user's line and the error of S3."""

from __future__ import annotations

import os
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest

INI_OPTION = "fakes3_hide_frames"
_OURS = frozenset({"conftest_plugin", "fakes3part"})
_BOTOCORE = frozenset({"aioboto3", "aiobotocore", "boto3", "botocore", "s3transfer"})
"""Libraries through which S3 alone is called in a test that has a fake: other services are refused, or served by moto."""
_HTTP = frozenset({"aiohttp", "httpcore", "httpx", "requests", "urllib", "urllib3"})
"""Libraries that are used for other things too."""
_LIBRARIES = _OURS | _BOTOCORE | _HTTP
_RUNNER = frozenset({"_pytest", "pluggy", "pytest"})
_STANDARD_LIBRARY = os.path.dirname(os.__file__) + os.sep
_SITE_PACKAGES = f"{os.sep}site-packages{os.sep}"
_SERVER = "AmazonS3"
_MARK = "__tracebackhide__"


def add_frames_option(parser: pytest.Parser) -> None:
    """Add the ini option ``fakes3_hide_frames``."""
    text = "hide the insides of botocore and other clients when a call to S3 fails; --full-trace shows them (default: true)"
    parser.addini(INI_OPTION, text, type="bool", default=True)


def hides_frames(config: pytest.Config) -> bool:
    """Return whether frames may be hidden in this run. ``--tb=native`` shows all, as Python does."""
    shows_all = config.getoption("fulltrace", False) or config.getoption("tbstyle", "auto") == "native"
    return bool(config.getini(INI_OPTION)) and not shows_all


def hide_library_frames(error: BaseException, has_fake: bool) -> bool:
    """Hide the frames of libraries in the tracebacks of an error, its causes and its sub-exceptions.

    pytest leaves out a frame that has a local variable ``__tracebackhide__``. Nothing else is changed, so a debugger and
    ``--full-trace`` see everything.

    Args:
        has_fake: whether the test uses a fake; without one, only frames that end in fakes3part itself are hidden.

    Returns:
        whether any frame is hidden.
    """
    hidden = False
    if not isinstance(error, Exception):  # pytest.skip() and the like, which are reported by the frame that called them
        return hidden
    for each in related(error):
        insides = _insides(each)
        if not insides or not _is_of_fake(each, insides, has_fake):
            continue
        frames = _frames(each)
        # Something has to remain. If there is no line of a user, a fixture of ours has failed.
        shown = insides[0] if each is error and not _has_frame_of_user(frames) else None
        for frame in frames:
            if frame is not shown and (frame in insides or _package(frame) in _LIBRARIES) and not _is_module(frame):
                frame.f_locals[_MARK] = hidden = True
    return hidden


def related(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, what pytest shows with it (causes, contexts, sub-exceptions), and so on; each once."""
    pending, seen = [error], set[int]()
    while pending:
        each = pending.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        context = None if each.__suppress_context__ else each.__context__
        others = (each.__cause__, context, *getattr(each, "exceptions", ()))
        pending += [other for other in others if isinstance(other, BaseException)]


def response_header(error: BaseException, name: str) -> str | None:
    """Return a header of the response that an error of a client is about; None: it has none, or is about no response.

    Args:
        name: in lower case.
    """
    response: Any = getattr(error, "response", getattr(error, "last_response", None))
    if isinstance(response, dict):  # botocore's ClientError and WaiterError
        metadata = response.get("ResponseMetadata")
        headers: Any = metadata.get("HTTPHeaders") if isinstance(metadata, dict) else None
    else:
        headers = getattr(response, "headers", None) or getattr(error, "headers", None)
    get = getattr(headers, "get", None)
    value = get(name) if callable(get) else None
    return value if isinstance(value, str) else None


def _is_of_fake(error: BaseException, frames: list[FrameType], has_fake: bool) -> bool:
    """Return whether an error came out of a call to a fake, or out of fakes3part itself."""
    packages = {_package(frame) for frame in frames}
    if packages & _OURS:
        return True
    if not has_fake:
        return False
    # What a test that has a fake calls elsewhere is another server, such as MinIO or moto's: AWS is out of reach.
    server = response_header(error, "server")
    return server == _SERVER or (server is None and bool(packages & _BOTOCORE))


def _insides(error: BaseException) -> list[FrameType]:
    """Return the last frames of an error's traceback, as far as they are of libraries; empty: it was raised elsewhere.

    A function of the user that a library has called ends them, so that an error in it shows how it came to be called.
    """
    insides: list[FrameType] = []
    for frame in reversed(_frames(error)):
        if not (_package(frame) in _LIBRARIES or _is_standard(frame)) or _is_module(frame):
            break
        insides.insert(0, frame)
    return insides if any(_package(frame) in _LIBRARIES for frame in insides) else []


def _frames(error: BaseException) -> list[FrameType]:
    frames = []
    traceback = error.__traceback__
    while traceback is not None:
        frames.append(traceback.tb_frame)
        traceback = traceback.tb_next
    return frames


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]


def _is_module(frame: FrameType) -> bool:
    """Return whether a frame is that of an import, whose local variables are those of the module."""
    return frame.f_code.co_name == "<module>"


def _is_standard(frame: FrameType) -> bool:
    path = frame.f_code.co_filename
    return (path.startswith(_STANDARD_LIBRARY) and _SITE_PACKAGES not in path) or path.startswith("<frozen ")


def _has_frame_of_user(frames: list[FrameType]) -> bool:
    """Return whether there is a frame that is neither of a library nor of pytest, whose frames and its plugins' come first."""
    packages = ["" if _is_standard(frame) else _package(frame) for frame in frames]
    last = max((index for index, package in enumerate(packages) if package in _RUNNER), default=-1)
    return any(package and package not in _LIBRARIES for package in packages[last + 1 :])
