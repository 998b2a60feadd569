"""One system in a process of its own: ``python -m benchmarks.worker SYSTEM``, a JSON object a line in, one a line out.

``source`` names the measured package, ``open`` makes a case ready, ``block`` measures it once, ``answers`` tells what its call
was answered, ``profile`` where the time goes, ``close`` ends it.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import ExitStack
from typing import Any

from .cases import CASES, Case, Measured
from .measure import cpu_per_call, profile, settle
from .systems import System, load

_WARMING_CALLS = 2


class Worker:
    """Carries out the requests of the measuring process."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._cases = {case.name: case for case in CASES}
        self._stack = ExitStack()
        self._case: Case
        self._measured: Measured

    def source(self) -> str:
        """Return the file of the measured package."""
        import fakes3part

        return os.path.realpath(fakes3part.__file__)

    def open(self, case: str) -> None:
        self._case = self._cases[case]
        self._measured = self._case.start(self._system, self._stack)
        for _ in range(_WARMING_CALLS):
            self._measured.before()
            self._measured.call()
        settle()

    def block(self) -> float:
        self._measured.before()
        return cpu_per_call(self._measured.call, self._case.calls)

    def answers(self) -> list[int]:
        """Status, number of headers and length of the body of the answer to the case's call."""
        seen: list[int] = []

        def look(response_dict: dict[str, Any], **event: Any) -> None:
            body = response_dict["body"]
            length = len(body) if isinstance(body, bytes) else int(response_dict["headers"]["Content-Length"])
            seen[:] = [response_dict["status_code"], len(response_dict["headers"]), length]

        events = self._system.clients[-1].meta.events
        self._measured.before()
        events.register("before-parse.s3", look)
        self._measured.call()
        events.unregister("before-parse.s3", look)
        return seen

    def profile(self) -> dict[str, float]:
        self._measured.before()
        return profile(self._measured.call, self._case.calls)

    def close(self) -> None:
        self._stack.close()
        self._system.clients.clear()


def main() -> None:
    # Whatever a system prints must not get between the answers.
    responses = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    worker = Worker(load(sys.argv[1]))
    for line in sys.stdin:
        request = json.loads(line)
        response = getattr(worker, request.pop("do"))(**request)
        responses.write(json.dumps(response) + "\n")
        responses.flush()


if __name__ == "__main__":
    main()
