"""How CPU time is taken: the same way for every system."""

from __future__ import annotations

import cProfile
import ctypes
import gc
import pstats
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import PurePath

Call = Callable[[], object]


def settle() -> None:
    """Take what exists by now out of the garbage collector's sight, so that a full bucket does not slow its rounds."""
    gc.collect()
    gc.freeze()


def cpu_per_call(call: Call, calls: int) -> float:
    """Seconds of CPU time of this process (user and system, all threads) a call, the garbage collector resting."""
    gc.collect()
    gc.disable()
    try:
        started = time.process_time()
        for _ in range(calls):
            call()
        return (time.process_time() - started) / calls
    finally:
        gc.enable()


def cpu_clock(pid: int) -> Callable[[], float]:
    """A clock of another process's CPU time in seconds, to the nanosecond (``/proc/PID/stat`` counts hundredths). POSIX only.

    Raises:
        OSError: there is no such process.
    """
    clock = ctypes.c_int()
    error = ctypes.CDLL(None).clock_getcpuclockid(pid, ctypes.byref(clock))
    if error:
        raise OSError(error, "clock_getcpuclockid", pid)
    return lambda: time.clock_gettime(clock.value)


def profile(call: Call, calls: int) -> dict[str, float]:
    """Seconds a call by module, built-in functions counted to the module that called them. Slower than unprofiled."""
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(calls):
        call()
    profiler.disable()
    spent: defaultdict[str, float] = defaultdict(float)
    for (file, _, _), (_, _, own, _, callers) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]
        if file != "~":
            spent[_module(file)] += own / calls
            continue
        for (caller, _, _), (_, _, part, _) in callers.items():
            spent[_module(caller)] += part / calls
    return dict(spent)


def _module(file: str) -> str:
    parts = PurePath(file).with_suffix("").parts
    return ".".join(parts[-2:]) if len(parts) > 1 else file
