"""What is said when a server cannot listen: the address, the system's reason, and the way out."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from typing import Any

import pytest

from fakes3part import Server, ThreadedMotoServer
from fakes3part.cli.main import main

ADDRESSES = "The host must be a name or an address of this machine: 127.0.0.1, or 0.0.0.0 for all of its addresses"
UNKNOWN = "no-such-host.invalid"


def text_of_serve(host: str, port: int, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["serve", "--host", host, "--port", str(port)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    return err.removeprefix("fakes3part serve: error: ").removesuffix("\n")


def text_of_server(kind: Callable[..., Any], host: str, port: int) -> tuple[OSError, str]:
    server = kind(host=host, port=port) if kind is Server else kind(host, port)
    with pytest.raises(OSError, match="cannot listen on ") as caught:
        server.start()
    assert not server.is_running
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    return caught.value, str(caught.value.strerror)


@pytest.fixture(params=["serve", Server, ThreadedMotoServer], ids=["serve", "Server", "ThreadedMotoServer"])
def text(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Callable[[str, int], tuple[str, str]]:
    """A function of host and port: what is said, and what the user writes for a free port."""
    kind = request.param
    if kind == "serve":
        return lambda host, port: (text_of_serve(host, port, capsys), "--port 0")
    return lambda host, port: (text_of_server(kind, host, port)[1], f"{kind.__name__}(port=0)")


def test_a_port_in_use(text: Callable[[str, int], tuple[str, str]]) -> None:
    with Server() as taken:
        said, free_port = text("127.0.0.1", taken.port)
        way_out = f"Stop the program that listens there, or choose another port: {free_port} takes a free one"
        assert said == f"cannot listen on 127.0.0.1:{taken.port}: {os.strerror(errno.EADDRINUSE)}. {way_out}"


def test_a_privileged_port(text: Callable[[str, int], tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: socket.socket, _address: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(socket.socket, "bind", refuse)  # the tests may run as root
    said, free_port = text("127.0.0.1", 80)
    way_out = f"Ports below 1024 need privileges; choose a higher one: {free_port} takes a free one"
    assert said == f"cannot listen on 127.0.0.1:80: Permission denied. {way_out}"
    assert text("127.0.0.1", 8080)[0] == "cannot listen on 127.0.0.1:8080: Permission denied"


def test_an_unknown_host(text: Callable[[str, int], tuple[str, str]]) -> None:
    said, _ = text(UNKNOWN, 4580)
    assert said.startswith(f"cannot listen on {UNKNOWN}:4580: ")
    assert said.endswith(f". {ADDRESSES}")


def test_an_address_of_another_machine(text: Callable[[str, int], tuple[str, str]]) -> None:
    said, _ = text("192.0.2.1", 4580)  # RFC 5737: for documentation
    assert said == f"cannot listen on 192.0.2.1:4580: {os.strerror(errno.EADDRNOTAVAIL)}. {ADDRESSES}"


def test_an_ipv6_address_is_in_brackets(text: Callable[[str, int], tuple[str, str]]) -> None:
    assert text("2001:db8::1", 4580)[0].startswith("cannot listen on [2001:db8::1]:4580: ")


def test_the_kind_of_error_is_the_systems() -> None:
    assert isinstance(text_of_server(Server, UNKNOWN, 0)[0], socket.gaierror)
    assert text_of_server(Server, "192.0.2.1", 0)[0].errno == errno.EADDRNOTAVAIL


@pytest.mark.parametrize("kind", [Server, ThreadedMotoServer])
@pytest.mark.parametrize("port", [-1, 65536, "http", "", None, True, 80.0])
def test_a_port_that_is_none(kind: Callable[..., Any], port: object) -> None:
    with pytest.raises(ValueError, match=r"^port must be a whole number, 0 to 65535, not ") as caught:
        kind(port=port)
    assert str(caught.value).endswith(f"not {port!r}")


def test_threaded_moto_server_takes_a_port_in_digits() -> None:
    with ThreadedMotoServer(port="0", verbose=False) as server:
        assert server.port > 0
