"""How CPU time is taken: the same way for every system."""

from __future__ import annotations

import cProfile
import ctypes
import gc
import pstats
import time
from collections import defaultdict
from collections.abc import Callable

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
    """Seconds a call by module of fakes3part, built-in functions counted to the module that called them.

    Profiling makes each function call dearer: good for comparing modules, not for the sum.
    """
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(calls):
        call()
    profiler.disable()
    spent: defaultdict[str, float] = defaultdict(float)
    for (file, _, _), (_, _, own, _, callers) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]
        owners = [(file, own)] if file != "~" else [(caller[0], part) for caller, (_, _, part, _) in callers.items()]
        for owner, part in owners:
            module = owner.rpartition("/fakes3part/")[2]
            if module != owner:
                spent[module] += part / calls
    return dict(spent)
