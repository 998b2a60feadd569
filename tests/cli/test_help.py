"""The help of the command line: every command has examples, and they are real."""

from __future__ import annotations

import shlex
import subprocess
import sys

import pytest

from fakes3part.cli.command import Command, examples_text
from fakes3part.cli.main import COMMANDS, _parser, main

NAMES = [command.name for command in COMMANDS]


def help_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS, ids=NAMES)
def test_a_help_says_what_the_command_does_and_ends_with_examples(
    command: Command, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = help_of(capsys, command.name)
    assert text.startswith(f"usage: fakes3part {command.name}")
    assert text.endswith(f"\n\n{examples_text(command.examples)}\n")
    assert max(map(len, text.partition("\n\n")[2].splitlines())) <= 80  # (argparse does not break a flag's usage)


@pytest.mark.parametrize("command", COMMANDS, ids=NAMES)
def test_examples_can_be_parsed(command: Command) -> None:
    """Each is this command with arguments that exist; what follows a pipe is the shell's."""
    assert command.examples
    for arguments, meaning in command.examples:
        words = shlex.split(arguments, comments=True)
        for end in ("|", ">", ">>", "&&"):
            words = words[: words.index(end)] if end in words else words
        assert _parser().parse_args(words).run is command.run
        assert meaning.strip()


def test_the_help_of_the_program_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    text = help_of(capsys)
    assert all(f"    {command.name} " in text and command.summary in " ".join(text.split()) for command in COMMANDS)
    assert "examples:\n  fakes3part demo " in text


@pytest.mark.parametrize("arguments", [["-m", "fakes3part"], ["-W", "error", "-m", "fakes3part"]])
def test_without_a_command_it_says_what_to_do_first(arguments: list[str]) -> None:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    lines = done.stderr.splitlines()
    assert lines[0] == "usage: fakes3part [-h] [--version] COMMAND ..."
    assert [line.split("  ")[1] for line in lines if line.startswith("  fakes3part ")][:2] == [
        "fakes3part demo",
        "fakes3part serve",
    ]
    assert all(any(line.startswith(f"    {name} ") for line in lines) for name in NAMES)
    assert lines[-1] == "fakes3part: error: name a command, such as: fakes3part demo"


def test_examples_that_are_too_long_have_their_meanings_above() -> None:
    long = f"serve {'-' * 60}"
    assert examples_text([("demo", "short"), ("serve --port 0", "free")]).splitlines() == [
        "examples:",
        "  fakes3part demo            short",
        "  fakes3part serve --port 0  free",
    ]
    assert examples_text([("demo", "short"), (long, "above")]).splitlines() == [
        "examples:",
        "  # short",
        "  fakes3part demo",
        "  # above",
        f"  fakes3part {long}",
    ]
