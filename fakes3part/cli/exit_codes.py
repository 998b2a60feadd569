"""The exit codes of the command line, besides 0 and 1."""

from __future__ import annotations

import signal

USAGE_ERROR = 2
INTERRUPTED = 128 + signal.SIGINT
"""The exit code of shells for a command that Ctrl+C ended. (``serve`` ends with 0 then, as that is how it ends.)"""
