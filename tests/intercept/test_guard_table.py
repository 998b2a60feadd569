"""Each way by which a test could reach AWS while a fake is active is refused, with an error that names host and way out."""

from __future__ import annotations

import _socket
import asyncio
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx
import pytest
import requests

from fakes3part import mock_s3
from fakes3part.intercept.network_guard import ServiceNotFaked
from fakes3part.protocol.aws_hosts import METADATA
from tests.support.http_clients import HttpClient

OTHER_SERVICE = "dynamodb.us-east-1.amazonaws.com"
HOSTS = [OTHER_SERVICE, "bucket.s3.amazonaws.com", "instance.rds.cn-north-1.amazonaws.com.cn"]

METADATA_SPELLINGS = [
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "::FFFF:a9fe:a9fe",
    "0:0:0:0:0:ffff:a9fe:a9fe",
    "64:ff9b::a9fe:a9fe",
    "0xa9fea9fe",
    "0xA9.254.0xa9fe",
    "2852039166",
    "169.254.43518",
    "169.16689662",
    "0251.0376.0251.0376",
    "fd00:ec2::254",
    "FD00:0EC2::0254",
    "fd00:ec2:0:0:0:0:0:254",
    "fd00:ec2::254%1",
    "169.254.170.2",
    "::ffff:169.254.170.23",
    "fd00:0ec2::23",
]


def family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def connect(host: str) -> None:
    with socket.socket(family(host)) as sock:
        sock.settimeout(0.5)
        sock.connect((host, 80))


def connect_ex(host: str) -> None:
    with socket.socket(family(host)) as sock:
        sock.settimeout(0.5)
        sock.connect_ex((host, 80))


def sendto(host: str) -> None:
    with socket.socket(family(host), socket.SOCK_DGRAM) as sock:
        sock.sendto(b"data", (host, 80))


def sendto_with_flags(host: str) -> None:
    with socket.socket(family(host), socket.SOCK_DGRAM) as sock:
        sock.sendto(b"data", 0, (host, 80))


def sendmsg(host: str) -> None:
    with socket.socket(family(host), socket.SOCK_DGRAM) as sock:
        sock.sendmsg([b"data"], [], 0, (host, 80))


def look_up(function: Callable[..., object], *args: object) -> Callable[[str], None]:
    def way(host: str) -> None:
        function(host, *args)

    return way


def by_sock_connect(host: str) -> None:
    async def main() -> None:
        with socket.socket(family(host)) as sock:
            sock.setblocking(False)
            await asyncio.wait_for(asyncio.get_running_loop().sock_connect(sock, (host, 80)), 0.5)

    asyncio.run(main())


def by_datagrams(host: str) -> None:
    async def main() -> None:
        await asyncio.get_running_loop().create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=(host, 80))

    asyncio.run(main())


imported_before = socket.getaddrinfo

WAYS: dict[str, Callable[[str], None]] = {
    "connect": connect,
    "connect_ex": connect_ex,
    "sendto": sendto,
    "sendto with flags": sendto_with_flags,
    "sendmsg": sendmsg,
    "getaddrinfo imported by name": look_up(imported_before, 443),
    "create_connection": lambda host: socket.create_connection((host, 80), 0.5).close(),
    "asyncio sock_connect": by_sock_connect,
    "asyncio datagrams": by_datagrams,
}
NAMES: dict[str, Callable[[str], None]] = {
    "gethostbyname": lambda host: look_up(socket.gethostbyname)(host),
    "gethostbyname_ex": lambda host: look_up(socket.gethostbyname_ex)(host),
    "gethostbyaddr": lambda host: look_up(socket.gethostbyaddr)(host),
    "getfqdn": look_up(socket.getfqdn),
    "_socket.getaddrinfo": lambda host: look_up(_socket.getaddrinfo, 443)(host),
    "_socket.gethostbyname": lambda host: look_up(_socket.gethostbyname)(host),
}


@pytest.fixture
def active() -> Iterator[None]:
    with mock_s3():
        yield


@pytest.mark.usefixtures("active")
class TestSockets:
    @pytest.mark.parametrize("host", HOSTS)
    @pytest.mark.parametrize("way", [*WAYS, *NAMES])
    def test_names(self, way: str, host: str) -> None:
        with pytest.raises(ServiceNotFaked) as caught:
            {**WAYS, **NAMES}[way](host)
        assert caught.value.host == host
        assert str(caught.value).startswith(f"refused: {caught.value.service} connection at {host}. ")
        assert ("mock_aws(others=" if host == OTHER_SERVICE else "passthrough") in str(caught.value)

    @pytest.mark.parametrize("host", METADATA_SPELLINGS)
    @pytest.mark.parametrize("way", WAYS)
    def test_metadata_services(self, way: str, host: str) -> None:
        with pytest.raises(ServiceNotFaked) as caught:
            WAYS[way](host)
        assert (caught.value.host, caught.value.service) == (host, METADATA)

    @pytest.mark.parametrize("host", ["DynamoDB.US-East-1.AmazonAWS.com.", "dynamodb。us-east-1．amazonaws.com"])
    def test_spellings_of_names(self, host: str) -> None:
        with pytest.raises(ServiceNotFaked):
            socket.getaddrinfo(host, 443)

    def test_bytes(self) -> None:
        with pytest.raises(ServiceNotFaked):
            socket.gethostbyname(OTHER_SERVICE.encode())  # type: ignore[arg-type]
        with socket.socket() as sock, pytest.raises(ServiceNotFaked):
            sock.connect((bytearray(OTHER_SERVICE.encode()), 443))

    def test_other_hosts_are_reached(self) -> None:
        assert socket.gethostbyname("127.0.0.1") == "127.0.0.1"
        assert socket.getaddrinfo(None, 80)
        with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
            client.connect(server.getsockname())
            client.send(b"x")
        with socket.socket(type=socket.SOCK_DGRAM) as receiver, socket.socket(type=socket.SOCK_DGRAM) as sender:
            receiver.bind(("127.0.0.1", 0))
            address = receiver.getsockname()
            assert sender.sendto(b"1", address) == 1
            assert sender.sendto(b"2", 0, address) == 1
            assert sender.sendmsg([b"3"], [], 0, address) == 1
            sender.connect(address)
            assert sender.sendmsg([b"4"]) == 1
            assert [receiver.recv(1) for _ in range(4)] == [b"1", b"2", b"3", b"4"]


IMPORTED_BY_NAME = """
import sys
from {module} import {name} as function
from fakes3part import ServiceNotFaked, mock_s3

added = []
original = sys.addaudithook
sys.addaudithook = lambda hook: (added.append(hook), original(hook))
arguments = (443,) if function.__name__ == "getaddrinfo" else ()
for _ in range(2):
    with mock_s3(config={{"core": {{"passthrough": {{"services": ["sqs"]}}}}}}):
        try:
            function("dynamodb.us-east-1.amazonaws.com", *arguments)
        except ServiceNotFaked as error:
            print(error.host, len(added))
        try:
            function("sqs.us-east-1.invalid.amazonaws.com", *arguments)
        except OSError:
            print("let through")
    try:
        function("no-such-name.invalid", *arguments)
    except OSError:
        print("as always")
"""


@pytest.mark.parametrize(
    ("module", "name", "hooks"),
    [
        ("socket", "getaddrinfo", 0),  # it is Python code, which calls _socket.getaddrinfo
        ("_socket", "getaddrinfo", 1),
        ("socket", "gethostbyname", 1),
        ("socket", "gethostbyname_ex", 1),
        ("socket", "gethostbyaddr", 1),
    ],
)
def test_functions_imported_by_name_before_the_mock(module: str, name: str, hooks: int) -> None:
    """An audit hook is added, once, if no patch can reach the function, and only then."""
    program = IMPORTED_BY_NAME.format(module=module, name=name)
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert run.stdout.splitlines() == [f"{OTHER_SERVICE} {hooks}", "let through", "as always"] * 2, run.stderr


class TestUvloop:
    @pytest.mark.parametrize("host", [OTHER_SERVICE, "bucket.s3.amazonaws.com", "169.254.169.254", "::ffff:169.254.169.254"])
    @pytest.mark.parametrize("way", ["getaddrinfo", "create_connection", "open_connection", "sock_connect", "datagrams"])
    def test_it(self, way: str, host: str) -> None:
        uvloop = pytest.importorskip("uvloop")

        async def main() -> None:
            loop = asyncio.get_running_loop()
            with socket.socket(family(host)) as sock:
                sock.setblocking(False)
                ways: dict[str, Callable[[], Awaitable[Any]]] = {
                    "getaddrinfo": lambda: loop.getaddrinfo(host, 80),
                    "create_connection": lambda: loop.create_connection(asyncio.Protocol, host, 80),
                    "open_connection": lambda: asyncio.open_connection(host=host, port=80),
                    "sock_connect": lambda: loop.sock_connect(sock, (host, 80)),
                    "datagrams": lambda: loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=(host, 80)),
                }
                await asyncio.wait_for(ways[way](), 1)

        before = dict(vars(uvloop.Loop))
        loop = uvloop.new_event_loop()  # made before the mock
        try:
            with mock_s3(), pytest.raises(ServiceNotFaked) as caught:
                loop.run_until_complete(main())
        finally:
            loop.close()
        assert caught.value.host == host
        assert dict(vars(uvloop.Loop)) == before

    @pytest.mark.usefixtures("active")
    def test_other_hosts_are_reached(self) -> None:
        uvloop = pytest.importorskip("uvloop")

        async def main() -> bytes:
            server = await asyncio.start_server(lambda reader, writer: (writer.write(b"hello"), writer.close()), "127.0.0.1", 0)
            host, port = server.sockets[0].getsockname()
            async with server:
                reader, writer = await asyncio.open_connection(host, port)
                data = await reader.read()
                writer.close()
                await writer.wait_closed()
            return data

        loop = uvloop.new_event_loop()
        try:
            assert loop.run_until_complete(main()) == b"hello"
        finally:
            loop.close()


class TestCAres:
    @pytest.mark.parametrize("host", [OTHER_SERVICE, "bucket.s3.amazonaws.com", "0xa9fea9fe"])
    @pytest.mark.parametrize("made", ["before", "during"])
    def test_aiodns(self, host: str, made: str) -> None:
        aiodns = pytest.importorskip("aiodns")

        async def main() -> None:
            resolver = aiodns.DNSResolver() if made == "before" else None
            with mock_s3():
                resolver = resolver or aiodns.DNSResolver()
                try:
                    for way in (lambda: resolver.getaddrinfo(host), lambda: resolver.query_dns(host, "A")):
                        with pytest.raises(ServiceNotFaked) as caught:
                            await way()
                        assert caught.value.host == host
                finally:
                    await resolver.close()

        asyncio.run(main())

    @pytest.mark.usefixtures("active")
    def test_aiohttps_resolver(self) -> None:
        pytest.importorskip("aiodns")
        resolver_module = pytest.importorskip("aiohttp.resolver")

        async def main() -> None:
            resolver = resolver_module.AsyncResolver()
            try:
                await resolver.resolve(OTHER_SERVICE, 443)
            finally:
                await resolver.close()

        with pytest.raises(ServiceNotFaked):
            asyncio.run(main())


class TestPycurl:
    @pytest.fixture
    def pycurl(self) -> Any:
        return pytest.importorskip("pycurl")

    @pytest.fixture
    def handle(self, pycurl: Any) -> Iterator[Any]:
        handle = pycurl.Curl()  # before the mock
        handle.setopt(pycurl.TIMEOUT, 1)
        yield handle
        handle.close()

    @pytest.mark.parametrize(
        "url",
        [
            f"https://{OTHER_SERVICE}/path?query",
            "http://user@bucket.s3.amazonaws.com:80/k",
            "http://2852039166/",
            "http://[::ffff:169.254.169.254]/latest",
        ],
    )
    @pytest.mark.parametrize("proxy", [None, "http://127.0.0.1:1"])
    def test_refused(self, pycurl: Any, handle: Any, url: str, proxy: str | None) -> None:
        methods = dict(vars(pycurl.Curl))
        handle.setopt(pycurl.URL, url)
        handle.setopt(pycurl.PROXY, proxy or "")
        multi = pycurl.CurlMulti()
        with mock_s3():
            for send in (handle.perform, handle.perform_rb, handle.perform_rs, lambda: multi.add_handle(handle)):
                with pytest.raises(ServiceNotFaked) as caught:
                    send()
                host = urlsplit(url if "//" in url else f"//{url}").hostname
                assert caught.value.host in (host, "169.254.169.254")  # libcurl may show an address in its usual spelling
        assert dict(vars(pycurl.Curl)) == methods
        multi.close()

    @pytest.mark.parametrize("url", ["s3.amazonaws.com/k", b"https://s3.amazonaws.com/k"])
    @pytest.mark.usefixtures("active")
    def test_urls_set_while_active(self, pycurl: Any, handle: Any, url: str | bytes) -> None:
        handle.setopt(pycurl.URL, url)
        with pytest.raises(ServiceNotFaked, match="s3 /k at s3"):
            handle.perform()

    def test_other_hosts_are_reached(self, pycurl: Any, handle: Any, httpserver: Any) -> None:
        httpserver.expect_request("/").respond_with_data("hello")
        handle.setopt(pycurl.URL, httpserver.url_for("/"))
        with mock_s3():
            assert handle.perform_rs() == "hello"
        assert handle.perform_rs() == "hello"


class TestCommonRuntime:
    """awscrt, which s3transfer can use, and mountpoint, IoT and Transcribe clients do."""

    def test_a_connection(self) -> None:
        http = pytest.importorskip("awscrt.http")
        for kind in (http.HttpClientConnection, http.Http2ClientConnection):
            with mock_s3():
                future = kind.new(OTHER_SERVICE, 443, tls_connection_options=_tls())
                with pytest.raises(ServiceNotFaked) as caught:
                    future.result(5)
            assert caught.value.host == OTHER_SERVICE

    def test_a_connection_opened_before(self, httpserver: Any) -> None:
        http = pytest.importorskip("awscrt.http")
        connection = http.HttpClientConnection.new("127.0.0.1", httpserver.port).result(5)
        httpserver.expect_request("/").respond_with_data("hello")
        request = http.HttpRequest("GET", "/", http.HttpHeaders([("Host", "127.0.0.1")]))
        with mock_s3():
            stream = connection.request(request)
            stream.activate()
            assert stream.completion_future.result(5) == 200
            connection._host_name = OTHER_SERVICE  # as if it led there
            with pytest.raises(ServiceNotFaked, match="dynamodb GET / at"):
                connection.request(request)
        connection.close().exception(5)  # (the server may have closed it before)

    @pytest.mark.parametrize("host", ["bucket.s3.us-east-1.amazonaws.com", "s3.eu-west-1.amazonaws.com:443"])
    def test_its_s3_client(self, host: str) -> None:
        s3 = pytest.importorskip("awscrt.s3")
        from awscrt import http, io

        client = s3.S3Client(bootstrap=io.ClientBootstrap.get_or_create_static_default(), region="us-east-1")
        request = http.HttpRequest("GET", "/k", http.HttpHeaders([("Host", host)]))
        with mock_s3(), pytest.raises(ServiceNotFaked, match="s3 GET /k at") as caught:
            client.make_request(type=s3.S3RequestType.GET_OBJECT, request=request)
        assert caught.value.host == host
        assert "fakes3_server" in str(caught.value)

    def test_s3transfer(self, tmp_path: Any) -> None:
        crt = pytest.importorskip("s3transfer.crt")
        import botocore.session

        with mock_s3():
            session = botocore.session.get_session()
            serializer = crt.BotocoreCRTRequestSerializer(session, {"region_name": "us-east-1"})
            client = crt.create_s3_crt_client("us-east-1", crt_credentials_provider=None)
            manager = crt.CRTTransferManager(client, serializer)
            with pytest.raises(ServiceNotFaked), manager:
                manager.download("bucket", "key", str(tmp_path / "file")).result()
        assert not (tmp_path / "file").exists()

    @pytest.mark.usefixtures("active")
    def test_web_sockets_and_mqtt(self) -> None:
        pytest.importorskip("awscrt.mqtt5")
        from awscrt import http, mqtt, mqtt5, websocket

        request = websocket.create_handshake_request(host="transcribestreaming.us-east-1.amazonaws.com")
        assert isinstance(request, http.HttpRequest)
        with pytest.raises(ServiceNotFaked):
            websocket.connect(
                host="transcribestreaming.us-east-1.amazonaws.com",
                handshake_request=request,
                on_connection_setup=lambda data: None,
            )
        host = "abc-ats.iot.us-east-1.amazonaws.com"
        with pytest.raises(ServiceNotFaked):
            mqtt.Connection(mqtt.Client(), host, 8883, "id").connect().result(5)
        with pytest.raises(ServiceNotFaked):
            mqtt5.Client(mqtt5.ClientOptions(host))


def _tls() -> Any:
    from awscrt import io

    return io.ClientTlsContext(io.TlsContextOptions()).new_connection_options()


@pytest.fixture
def client(http_client: HttpClient) -> Iterator[HttpClient]:
    """A client of the test's own."""
    client = type(http_client)()
    yield client
    client.close()


class TestHttpLibraries:
    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_proxies(self, client: HttpClient, httpserver: Any, scheme: str) -> None:
        """A proxy looks hosts up itself, so only the library's request shows them."""
        with mock_s3(), pytest.raises(ServiceNotFaked) as caught:
            client.request("GET", f"{scheme}://{OTHER_SERVICE}/path", proxy=f"http://127.0.0.1:{httpserver.port}")
        assert (caught.value.host, caught.value.service) == (OTHER_SERVICE, "dynamodb")
        assert httpserver.log == []

    def test_a_proxy_that_is_set_while_active(self, monkeypatch: pytest.MonkeyPatch, httpserver: Any) -> None:
        with mock_s3():
            for name in ("http_proxy", "https_proxy"):
                monkeypatch.setenv(name, f"http://127.0.0.1:{httpserver.port}")
            for name in ("no_proxy", "NO_PROXY"):
                monkeypatch.delenv(name, raising=False)
            for library in (requests, httpx):
                for scheme in ("http", "https"):
                    with pytest.raises(ServiceNotFaked):
                        library.get(f"{scheme}://{OTHER_SERVICE}/path", timeout=5)
        assert httpserver.log == []

    def test_a_connection_opened_before(self, client: HttpClient, monkeypatch: pytest.MonkeyPatch, httpserver: Any) -> None:
        httpserver.expect_request("/").respond_with_data("real")
        real = socket.getaddrinfo
        url = f"http://{OTHER_SERVICE}:{httpserver.port}"
        monkeypatch.setattr("aiohttp.connector.DefaultResolver", aiohttp.ThreadedResolver)
        with monkeypatch.context() as patched:
            patched.setattr(socket, "getaddrinfo", lambda name, *args, **options: real("127.0.0.1", *args, **options))
            assert client.request("GET", f"{url}/").body == b"real"
        with mock_s3(), pytest.raises(ServiceNotFaked, match="dynamodb GET /again at"):
            client.request("GET", f"{url}/again")
        assert len(httpserver.log) == 1
