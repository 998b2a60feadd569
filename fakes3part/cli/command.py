"""`Command`: one command of the command line, and its help."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import NamedTuple

_WIDTH = 80
"""Columns within which examples stand beside their meanings."""


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Keeps the line breaks of descriptions and examples, and has room for the names of commands beside their summaries."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog)
        self._action_max_length = 14  # argparse forgets that commands are indented twice


class Command(NamedTuple):
    """One command.

    Attributes:
        name: the word after ``fakes3part``.
        summary: a line for the list of commands, without its full stop.
        run: runs the command with the parsed arguments and returns the exit code.
        examples: for the help: arguments after ``fakes3part``, and what they do.
        add_arguments: adds the command's own arguments to its parser; None: it has none.
        description: the paragraphs before the arguments in its help; None: the summary.
        notes: what the help says after the arguments and before the examples; None: nothing.
    """

    name: str
    summary: str
    run: Callable[[argparse.Namespace], int]
    examples: Sequence[tuple[str, str]]
    add_arguments: Callable[[argparse.ArgumentParser], None] | None = None
    description: str | None = None
    notes: str | None = None

    def add_to(self, commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
        """Add the command's parser to those of the program."""
        description = self.description or f"{self.summary[0].upper()}{self.summary[1:]}."
        parser = commands.add_parser(
            self.name,
            help=self.summary,
            description=description,
            epilog=f"{self.notes}\n{examples_text(self.examples)}" if self.notes else examples_text(self.examples),
            formatter_class=HelpFormatter,
        )
        if self.add_arguments is not None:
            self.add_arguments(parser)
        parser.set_defaults(run=self.run, parser=parser)


def examples_text(examples: Sequence[tuple[str, str]]) -> str:
    """Return the part of a help that shows examples: arguments after ``fakes3part``, and what they do."""
    commands = [f"fakes3part {arguments}".rstrip() for arguments, _ in examples]
    width = max(map(len, commands))
    lines = [f"  {command:<{width}}  {meaning}" for command, (_, meaning) in zip(commands, examples, strict=True)]
    if max(map(len, lines)) > _WIDTH:
        lines = [f"  # {meaning}\n  {command}" for command, (_, meaning) in zip(commands, examples, strict=True)]
    return "\n".join(["examples:", *lines])
