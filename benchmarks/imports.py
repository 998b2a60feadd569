"""Imports in a fresh process: ``python -m benchmarks.imports SYSTEM`` prints the CPU seconds.

``ours``: fakes3part with one fake. ``botocore``: what every client needs.
"""

from __future__ import annotations

import sys
import time


def ours() -> None:
    from fakes3part import FakeS3

    FakeS3()


def botocore() -> None:
    import botocore.session

    assert botocore.session


if __name__ == "__main__":
    started = time.process_time()
    {"ours": ours, "botocore": botocore}[sys.argv[1]]()
    print(time.process_time() - started)
