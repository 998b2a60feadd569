"""`Server` as an object: its life cycle, its addresses, and that it releases all resources."""

from __future__ import annotations

import gc
import logging
import os
import socket
import threading
import time
import weakref

import pytest

from fakes3part.api.server import Server
from tests.support.raw_server import RawConnection, StubBackend, request


def make() -> Server:
    return Server(StubBackend())  # type: ignore[arg-type]


def test_start_and_stop_are_idempotent_and_repeatable() -> None:
    server = make()
    server.stop()
    for _ in range(2):
        assert server.start() is server
        port = server.port
        assert server.start().port == port != 0
        assert server.url == f"http://127.0.0.1:{port}"
        assert server.get_host_and_port() == ("127.0.0.1", port)
        with RawConnection(server.get_host_and_port()) as connection:
            assert connection.send(request("GET", "/_fakes3part/health")).response()[0] == "200 OK"
        server.stop()
        server.stop()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 5)


def test_another_server_has_the_port_at_once() -> None:
    """Connections that the first server has closed are in TIME_WAIT."""
    first = make().start()
    port = first.port
    with RawConnection(first.get_host_and_port()) as connection:
        connection.send(request("GET", "/echo")).response()
        first.stop()
        with Server(StubBackend(), port=port) as second:  # type: ignore[arg-type]
            assert second.port == port


def test_a_stopped_server_has_no_url() -> None:
    server = make()
    assert repr(server) == "<Server, stopped>"
    with pytest.raises(RuntimeError, match="not running"):
        server.url  # noqa: B018


def test_it_leaves_no_thread_no_descriptor_and_no_memory() -> None:
    make().start().stop()  # first, for what is imported or opened once
    threads, descriptors = set(threading.enumerate()), len(os.listdir("/proc/self/fd"))
    servers = [make().start() for _ in range(3)]
    fakes = [weakref.ref(server.fake) for server in servers]
    wires = [RawConnection(server.get_host_and_port()) for server in servers for _ in range(3)]
    for connection in wires[::2]:
        connection.send(request("GET", "/echo")).response()
    for server in servers:
        server.stop()
    assert set(threading.enumerate()) == threads
    for connection in wires:
        assert connection.ended()
        connection.close()
    assert len(os.listdir("/proc/self/fd")) == descriptors
    del server, servers
    gc.collect()
    assert [fake() for fake in fakes] == [None] * 3
    assert not getattr(logging, "statistics", {})


@pytest.mark.parametrize(
    "sent",
    [b"", b"PUT /b", request("PUT", "/b/k", "Content-Length: 9"), request("PUT", "/b/k", "Transfer-Encoding: chunked")],
)
def test_stopping_waits_for_no_client(sent: bytes) -> None:
    server = make().start()
    with RawConnection(server.get_host_and_port()) as connection:
        connection.send(request("GET", "/echo")).response()
        connection.send(sent)
        began = time.perf_counter()
        server.stop()
        assert time.perf_counter() - began < 2


def test_a_port_in_use_is_an_oserror_that_leaks_nothing() -> None:
    with make() as first:
        second = Server(StubBackend(), port=first.port)  # type: ignore[arg-type]
        with pytest.raises(OSError, match="Address already in use"):
            second.start()
        second.stop()
        gc.collect()


def test_the_environment_to_paste() -> None:
    with make() as server:
        assert server.environment() == {
            "AWS_ENDPOINT_URL_S3": server.url,
            "AWS_ENDPOINT_URL_S3_CONTROL": f"http://localhost:{server.port}",
            "AWS_ENDPOINT_URL_STS": server.url,
            "AWS_ENDPOINT_URL_KMS": server.url,
            "AWS_ACCESS_KEY_ID": "FOOBARKEY",
            "AWS_SECRET_ACCESS_KEY": "FOOBARSECRET",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "AWS_ALLOW_HTTP": "true",
        }


@pytest.mark.parametrize(("host", "shown"), [("0.0.0.0", "127.0.0.1"), ("localhost", "localhost"), ("::1", "[::1]")])
def test_the_url_can_be_connected_to(host: str, shown: str) -> None:
    try:
        server = Server(StubBackend(), host).start()  # type: ignore[arg-type]
    except OSError:
        pytest.skip(f"no {host} here")
    with server:
        assert server.url == f"http://{shown}:{server.port}"
        with RawConnection((shown.strip("[]"), server.port)) as connection:
            assert connection.send(request("GET", "/echo")).response()[0] == "200 OK"


def test_settings_create_a_fake_and_never_change_an_existing_one() -> None:
    assert Server(region="eu-west-1", min_part_size=1).fake.settings.region == "eu-west-1"
    with pytest.raises(TypeError, match="region"):
        Server(StubBackend(), region="eu-west-1")  # type: ignore[arg-type]
