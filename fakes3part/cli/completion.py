"""The command ``fakes3part completion``: completes commands, options and values in shells, by the package argcomplete."""

from __future__ import annotations

import argparse
import os
import sys

from .exit_codes import USAGE_ERROR

SHELLS = ("bash", "zsh", "fish")

EXAMPLES = [
    ("completion bash >> ~/.bashrc", "bash"),
    ("completion zsh >> ~/.zshrc", "zsh, below the line with compinit"),
    ("completion fish > ~/.config/fish/completions/fakes3part.fish", "fish"),
]

_MISSING = """\
fakes3part completion: error: it needs argcomplete, which is not installed beside fakes3part:
  python -m pip install "fakes3part[completion]"
  pipx inject fakes3part argcomplete
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    parser.add_argument("shell", choices=SHELLS, help="the shell that is to run the script")


def run(options: argparse.Namespace) -> int:
    """Print the script, and return the exit code."""
    try:
        from argcomplete.shell_integration import shellcode
    except ImportError:
        print(_MISSING, end="", file=sys.stderr)
        return USAGE_ERROR
    print(shellcode(["fakes3part"], shell="fish" if options.shell == "fish" else "bash"))  # (zsh runs that of bash)
    return 0


def complete(parser: argparse.ArgumentParser) -> None:
    """Print what the shell asks for, and end the process, if it was started by the script; else do nothing."""
    if "_ARGCOMPLETE" in os.environ:
        from argcomplete import autocomplete

        autocomplete(parser)
