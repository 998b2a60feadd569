"""Completion in shells: the scripts, and what they complete."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fakes3part.cli.completion import SHELLS
from fakes3part.cli.main import COMMANDS, main
from fakes3part.settings import SETTINGS

pytest.importorskip("argcomplete", reason="argcomplete is not installed")

BASH = """\
fakes3part() { "$PYTHON" -m fakes3part "$@"; }
eval "$(fakes3part completion bash)"
type _python_argcomplete > /dev/null
COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9
COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:' COMP_WORDS=($1) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_python_argcomplete fakes3part
printf '%s\\n' "${COMPREPLY[@]}"
"""


def completions(line: str) -> set[str]:
    """Return what bash offers at the end of a command line."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash")
    environment = {**os.environ, "PYTHON": sys.executable}
    done = subprocess.run([bash, "-c", BASH, "bash", line], env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return {word.strip() for word in done.stdout.splitlines()}


def test_commands() -> None:
    assert {command.name for command in COMMANDS} <= completions("fakes3part ")
    assert completions("fakes3part mig") == {"migrate"}


def test_flags_of_a_command() -> None:
    offered = completions("fakes3part serve --")
    assert {setting.flag for setting in SETTINGS.values()} <= offered
    assert {"--port", "--quiet", "--log-format"} <= offered
    assert "--write" not in offered
    assert "--write" in completions("fakes3part migrate --")


def test_values() -> None:
    assert completions("fakes3part serve --log-format ") == {"text", "json"}
    assert completions("fakes3part completion ") >= set(SHELLS)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "complete --command fakes3part" in script if shell == "fish" else "#compdef fakes3part" in script
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell}")
    checked = subprocess.run([program, "-n"], input=script, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_without_argcomplete_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("argcomplete", "argcomplete.shell_integration"):
        monkeypatch.setitem(sys.modules, name, None)
    assert main(["completion", "bash"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert 'python -m pip install "fakes3part[completion]"' in err


def test_nothing_is_loaded_for_it_otherwise(tmp_path: Path) -> None:
    code = "import sys, fakes3part.cli.main as cli; cli.main(['operations']); print('argcomplete' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == "False"
