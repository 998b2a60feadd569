"""Reads the Dockerfile: stages and instructions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]

INSTRUCTIONS = frozenset(
    {
        *("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "ONBUILD", "RUN", "SHELL"),
        *("STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
    }
)


class Instruction(NamedTuple):
    """One instruction of a Dockerfile.

    Attributes:
        value: what follows its name, with continued lines joined.
    """

    name: str
    value: str

    @property
    def words(self) -> list[str]:
        """The words of an exec form (a JSON list); raises ValueError for a shell form."""
        words = json.loads(self.value)
        if not isinstance(words, list):
            raise ValueError(f"{self.value} is no exec form")
        return words


class Stage(NamedTuple):
    """The instructions from one FROM to the next."""

    base: str
    instructions: list[Instruction]

    def all(self, name: str) -> list[Instruction]:
        return [instruction for instruction in self.instructions if instruction.name == name]

    def one(self, name: str) -> Instruction:
        (instruction,) = self.all(name)
        return instruction


def stages(text: str) -> list[Stage]:
    """Return the stages of a Dockerfile.

    Raises:
        ValueError: a line is no instruction.
    """
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    found: list[Stage] = []
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        name, _, value = line.partition(" ")
        if name not in INSTRUCTIONS:
            raise ValueError(f"{line!r} is no instruction")
        if name == "FROM":
            found.append(Stage(value.split()[0], []))
        elif found:
            found[-1].instructions.append(Instruction(name, value.strip()))
    return found


def healthcheck(instruction: Instruction) -> tuple[Mapping[str, str], list[str]]:
    """Return the options of a HEALTHCHECK, and the words of its command."""
    options, _, command = instruction.value.partition(" CMD ")
    return dict(re.findall(r"--([\w-]+)=(\S+)", options)), Instruction("CMD", command).words


def context(ignore: str) -> set[str]:
    """Return the names in the repository's root that a .dockerignore leaves in the build's context."""
    kept = set()
    for name in (path.name for path in ROOT.iterdir()):
        is_ignored = False
        for rule in filter(None, map(str.strip, ignore.splitlines())):
            if fnmatch(name, rule.removeprefix("!").removeprefix("**/")):
                is_ignored = not rule.startswith("!")
        if not is_ignored:
            kept.add(name)
    return kept
