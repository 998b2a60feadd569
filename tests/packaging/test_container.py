"""The Dockerfile, the compose file and the recipes of docs/guides/container.md. (`nox -s container` runs the steps.)"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from fakes3part.cli.default_port import DEFAULT_PORT
from fakes3part.cli.main import _parser
from fakes3part.settings import from_environment
from tests.packaging.container import BASES, LIMIT, PLACE
from tests.packaging.dockerfile import ROOT, context, healthcheck, stages

BUILD, FINAL = stages((ROOT / "Dockerfile").read_text("utf-8"))
PAGE = (ROOT / "docs/guides/container.md").read_text("utf-8")
COMPOSE = (ROOT / "compose.yaml").read_text("utf-8")
ENTRYPOINT = FINAL.one("ENTRYPOINT").words


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


# --- the Dockerfile ---


def test_the_stages_have_the_same_base_whose_size_is_known() -> None:
    assert BUILD.base == FINAL.base
    assert BASES[FINAL.base] < LIMIT
    assert not FINAL.base.endswith(":latest")


def test_the_server_does_not_run_as_root() -> None:
    user, _, group = FINAL.one("USER").value.partition(":")  # numbers, for runAsNonRoot of Kubernetes
    assert int(user) > 0
    assert int(group) > 0
    assert [instruction.name for instruction in FINAL.instructions].index("USER") > [
        instruction.name for instruction in FINAL.instructions
    ].index("COPY")


def test_what_is_copied_exists_and_is_in_the_context() -> None:
    kept = context((ROOT / ".dockerignore").read_text("utf-8"))
    names = [name for instruction in BUILD.all("COPY") for name in instruction.value.split()[:-1]]
    assert set(names) == kept
    assert {"fakes3part", "conftest_plugin", "pyproject.toml"} <= kept
    assert FINAL.one("COPY").value.split()[-2:] == [PLACE, PLACE]


def test_the_entrypoint_is_serve_for_all_addresses() -> None:
    assert ENTRYPOINT[0] == "fakes3part"
    options = _parser().parse_args(ENTRYPOINT[1:])
    assert (options.host, options.port) == ("0.0.0.0", DEFAULT_PORT)
    assert FINAL.one("EXPOSE").value == str(DEFAULT_PORT)


def test_the_health_check_needs_nothing_but_the_program() -> None:
    options, command = healthcheck(FINAL.one("HEALTHCHECK"))
    assert command[0] == ENTRYPOINT[0]
    assert _parser().parse_args(command[1:]).default_url == f"http://127.0.0.1:{DEFAULT_PORT}"
    assert set(options) == {"interval", "timeout", "start-period", "retries"}
    assert all(int(value.removesuffix("s")) <= 10 for value in options.values())


def test_entrypoint_health_check_and_sigterm() -> None:
    """The commands of the image, by this checkout: unhealthy before the start, then healthy, and stopped within two seconds."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    environment = {**os.environ, "MOTO_PORT": port}
    run = [sys.executable, "-W", "error", "-m"]
    _, check = healthcheck(FINAL.one("HEALTHCHECK"))
    assert subprocess.run([*run, *check], env=environment, capture_output=True, check=False).returncode == 1
    server = subprocess.Popen([*run, *ENTRYPOINT], env=environment, stdout=subprocess.PIPE)
    try:
        end = time.monotonic() + 20
        while subprocess.run([*run, *check], env=environment, capture_output=True, check=False).returncode != 0:
            assert time.monotonic() < end
        began = time.monotonic()
        server.send_signal(signal.SIGTERM)
        assert server.wait(10) == 0
        assert time.monotonic() - began < 2
    finally:
        server.kill()
        server.communicate()


def test_the_parser_refuses_what_is_no_dockerfile() -> None:
    with pytest.raises(ValueError, match="'COPPY a b' is no instruction"):
        stages("FROM x\nCOPPY a b\n")
    (stage,) = stages('# a comment\nFROM x AS y\nRUN a && \\\n    b\nCMD ["c"]\n')
    assert (stage.base, stage.one("RUN").value, stage.one("CMD").words) == ("x", "a && b", ["c"])


# --- the compose file and the workflow ---


def test_the_compose_file() -> None:
    document = yaml.safe_load(COMPOSE)
    server, app = document["services"]["s3"], document["services"]["app"]
    options = _parser().parse_args([*ENTRYPOINT[1:], *server["command"]])
    assert options.region == app["environment"]["AWS_REGION"] == "eu-west-1"
    assert server["ports"] == [f"127.0.0.1:{DEFAULT_PORT}:{DEFAULT_PORT}"]
    assert app["environment"]["AWS_ENDPOINT_URL_S3"] == f"http://s3:{DEFAULT_PORT}"
    assert app["depends_on"] == {"s3": {"condition": "service_healthy"}}


def test_the_page_shows_the_compose_file() -> None:
    assert [block for block in blocks("yaml") if "services:" in block and "jobs:" not in block] == [COMPOSE.partition("\n")[2]]


def test_the_workflows() -> None:
    workflows = [yaml.safe_load(block)["jobs"]["test"] for block in blocks("yaml") if "jobs:" in block]
    assert len(workflows) == 2
    service = workflows[0]["services"]["s3"]
    assert service["ports"] == [f"{DEFAULT_PORT}:{DEFAULT_PORT}"]
    assert from_environment(service["env"]) == {"region": "eu-west-1"}
    for workflow in workflows:
        variables = workflow["env"]
        assert variables["AWS_ENDPOINT_URL_S3"] == f"http://localhost:{DEFAULT_PORT}"
        assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"} <= set(variables)


# --- Testcontainers ---

PROCESS = '''
import os, signal, socket, subprocess, sys, time
import testcontainers.core.container as module


class Process:
    """Stands in for DockerContainer: the image's ENTRYPOINT is a process, at a free port. It begins late, as a container does."""

    def __init__(self, image):
        assert image == "fakes3part"

    def with_exposed_ports(self, port):
        assert port == {port}
        return self

    def waiting_for(self, strategy):
        self._strategy = strategy
        return self

    def with_command(self, command):
        self._command = command
        return self

    def __enter__(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        program = [sys.executable, "-c", "import time; time.sleep(1); from fakes3part.cli.main import main; main()"]
        arguments = [*{arguments!r}, *getattr(self, "_command", "").split()]
        self._process = subprocess.Popen([*program, *arguments, "--port", str(self._port)], stdout=subprocess.DEVNULL)
        self._strategy.wait_until_ready(self)
        return self

    def __exit__(self, *error):
        self._process.kill()
        self._process.wait()

    def get_container_host_ip(self):
        return "127.0.0.1"

    def get_exposed_port(self, port):
        return self._port


module.DockerContainer = Process
'''


def test_the_recipe_for_testcontainers(tmp_path: Path) -> None:
    """As it stands in the page, with the library's own wait strategy, and a process in place of the container."""
    pytest.importorskip("testcontainers", reason="nox -s container installs testcontainers")
    (recipe,) = blocks("py")
    conftest = PROCESS.replace("{port}", str(DEFAULT_PORT)).replace("{arguments!r}", repr(ENTRYPOINT[1:]))
    (tmp_path / "conftest.py").write_text(conftest)
    (tmp_path / "test_recipe.py").write_text(recipe)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "AWS_"))}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
    done: Any = subprocess.run([*command, str(tmp_path)], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
