"""The regression gate (``python -m benchmarks gate``): what it lets pass, and what it stops."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import fakes3part
from benchmarks import __main__ as benchmarks
from benchmarks import gate

SLOWER = """

_handle = handle


def handle(backend: Backend, request: Request) -> Response:
    sum(range(50_000))
    return _handle(backend, request)
"""


@pytest.mark.parametrize(
    ("seconds", "measured", "met"),
    [
        pytest.param([1.0], 3, True, id="as fast"),
        pytest.param([0.5], 3, True, id="faster"),
        pytest.param([1.049], 3, True, id="within the limit"),
        pytest.param([1.06], 9, False, id="slower"),
        pytest.param([1.2, 1.2, 1.0], 9, False, id="mostly slower"),
        pytest.param([1.2] * 3 + [1.0] * 6, 9, True, id="slower by chance"),
        pytest.param([1.2, 1.0, 1.0], 3, True, id="one pair of processes is slower"),
    ],
)
def test_slower_row_is_measured_again(seconds: list[float], measured: int, met: bool) -> None:
    runs = {"the row": 0, "another": 0}

    def measure(names: list[str]) -> Iterator[tuple[str, gate.Pair]]:
        for name in names:
            number = runs[name]
            runs[name] += 1
            # The machine is slower and slower: only a pair's ratio counts.
            this = seconds[number % len(seconds)] if name == "the row" else 1.0
            yield name, (1.0 * (1 + number), this * (1 + number))

    rows = gate.gate(["the row", "another"], measure, 1.05)

    assert [(row.name, row.met) for row in rows] == [("the row", met), ("another", True)]
    assert runs == {"the row": measured, "another": 3}


def git(directory: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments], cwd=directory, check=True)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, the package as it is here."""
    source = Path(fakes3part.__file__).parent
    shutil.copytree(source, tmp_path / "fakes3part")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "--", ":!*.pyc")
    git(tmp_path, "commit", "-q", "-m", "Release")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(gate, "_PAIRS", 1)
    monkeypatch.setattr(gate, "_REPEATS", 0)
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    monkeypatch.setattr("sys.argv", ["benchmarks", "gate", *arguments])
    with pytest.raises(SystemExit) as ended:
        benchmarks.main()
    return ended.value.code


def test_the_same_passes_and_a_planted_slowdown_fails(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    # A limit and a slowdown that no busy machine explains.
    chosen = ("--rounds", "1", "--limit", "50")
    assert run(monkeypatch) == "There is no tag to compare with: name a git ref (python -m benchmarks gate REF)."
    git(checkout, "tag", "v1.0.0")
    assert run(monkeypatch, *chosen, "--only", "enter + leave") == 0
    shown = capfd.readouterr().out
    assert "gate against v1.0.0" in shown
    assert shown.count(" met") == 1

    with (checkout / "fakes3part" / "pipeline.py").open("a") as pipeline:
        pipeline.write(SLOWER)
    assert run(monkeypatch, *chosen, "--only", "head 1 KiB") == 1
    shown = capfd.readouterr().out
    assert shown.count("MISSED") == 2, shown
    assert "git cannot export fakes3part of 'no-such-ref': " in str(run(monkeypatch, "no-such-ref"))
    assert str(run(monkeypatch, "HEAD", "--only", "no such row")).startswith("No row has such a name. The rows are: put 1 KiB, ")
