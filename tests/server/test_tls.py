"""HTTPS: certificates, clients that trust them, faults and shutdown, and what S3 ties to TLS."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import subprocess
import sys
import threading
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError, ResponseStreamingError, SSLError

from fakes3part import Server, ThreadedMotoServer, faults, mock_s3
from fakes3part.cli.main import main
from tests.support.doors import MiB, refused, refused_head, warm
from tests.support.tls_proxy import make_certificate

CUSTOMER = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b"k" * 32}
NOT_SECURE = (
    400,
    "InvalidRequest",
    "Requests specifying Server Side Encryption with Customer provided keys must be made over a secure connection.",
)


@pytest.fixture(scope="module")
def _server() -> Iterator[Server]:
    with Server(tls=True) as server:
        yield server


@pytest.fixture
def server(_server: Server) -> Server:
    _server.fake.reset()
    return _server


@contextlib.contextmanager
def client_of(server: Server, **settings: Any) -> Iterator[Any]:
    config = settings.pop("config", Config(retries={"total_max_attempts": 1}, read_timeout=10))
    options = {"endpoint_url": server.url, "verify": server.ca_file, "region_name": "us-east-1", "config": config}
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    with contextlib.closing(warm().client("s3", **options, **keys, **settings)) as client:
        yield client


@pytest.fixture
def s3(server: Server) -> Iterator[Any]:
    with client_of(server) as client:
        client.create_bucket(Bucket="bucket")
        yield client


@contextlib.contextmanager
def connected(server: Server, host: str = "localhost", ca_file: str | None = None) -> Iterator[ssl.SSLSocket]:
    context = ssl.create_default_context(cafile=ca_file or server.ca_file)
    with (
        socket.create_connection(server.get_host_and_port(), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        yield secure


# --- clients -----------------------------------------------------------------------------------------------------------------


def test_url_and_scheme(server: Server, s3: Any) -> None:
    assert server.url == f"https://127.0.0.1:{server.port}"
    s3.put_object(Bucket="bucket", Key="k", Body=b"text")
    assert {call.scheme for call in server.fake.calls} == {"https"}
    assert s3.list_multipart_uploads(Bucket="bucket")["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_large_bodies_in_both_directions_on_one_connection(s3: Any) -> None:
    data = os.urandom(9 * MiB + 1)
    s3.put_object(Bucket="bucket", Key="k", Body=data)
    assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == data
    pieces = s3.get_object(Bucket="bucket", Key="k")["Body"].iter_chunks(100_000)
    assert b"".join(pieces) == data


def test_an_error_before_the_body_is_read(s3: Any) -> None:
    no_bucket = "The specified bucket does not exist"
    refused(
        lambda: s3.put_object(Bucket="no-bucket", Key="k", Body=b"x" * MiB),
        404,
        "NoSuchBucket",
        no_bucket,
        {"BucketName": "no-bucket"},
    )


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1",
        "bucket.localhost",
        "a.bucket.with.dots.localhost",
        "bucket.minio.test",
        "s3.amazonaws.com",
        "bucket.s3.eu-west-1.amazonaws.com",
        "point-123456789012.op-01234567890123456.s3-outposts.us-west-2.amazonaws.com",
    ],
)
def test_the_certificate_is_valid_for_every_host_that_a_client_names(server: Server, host: str) -> None:
    for _ in range(2):
        with connected(server, host) as secure:
            secure.sendall(b"GET /_fakes3part/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert secure.recv(12) == b"HTTP/1.1 200"


def test_ipv6() -> None:
    try:
        server = Server(host="::1", tls=True).start()
    except OSError:
        pytest.skip("no IPv6 here")
    try:
        assert server.url == f"https://[::1]:{server.port}"
        with client_of(server) as s3:
            s3.create_bucket(Bucket="bucket")
    finally:
        server.stop()


@pytest.fixture
def local_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Resolve every name below ``localhost``, as most resolvers do."""
    resolve = socket.getaddrinfo

    def getaddrinfo(host: Any, *more: Any, **named: Any) -> Any:
        return resolve("127.0.0.1" if str(host).endswith(".localhost") else host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.usefixtures("local_names")
def test_virtual_hosted_buckets(server: Server, s3: Any) -> None:
    url = server.url.replace("127.0.0.1", "localhost")
    with client_of(server, config=Config(s3={"addressing_style": "virtual"})) as by_ip:
        by_ip.put_object(Bucket="bucket", Key="ip", Body=b"")
    options = {"verify": server.ca_file, "region_name": "us-east-1", "config": Config(s3={"addressing_style": "virtual"})}
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    with contextlib.closing(warm().client("s3", endpoint_url=url, **options, **keys)) as by_name:
        by_name.put_object(Bucket="bucket", Key="name", Body=b"")
    assert list(server.fake.buckets["bucket"].objects) == ["ip", "name"]
    assert server.fake.calls[-1].host == f"bucket.localhost:{server.port}"


def test_a_client_that_does_not_trust_it_is_not_served(server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    with (
        Server(tls=True) as other,
        pytest.raises(ssl.SSLCertVerificationError),
        connected(server, ca_file=other.ca_file),
    ):
        pass
    with connected(server) as secure:
        secure.sendall(b"GET /_fakes3part/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert secure.recv(12) == b"HTTP/1.1 200"
    assert capfd.readouterr() == ("", "")


def test_plain_http_is_refused_in_words(server: Server) -> None:
    with socket.create_connection(server.get_host_and_port(), timeout=10) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        received = b"".join(iter(lambda: sock.recv(65536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert body == b"This server speaks HTTPS: use https:// in the endpoint URL.\n"


def test_an_orderly_end_is_told_in_tls(server: Server) -> None:
    context = ssl.create_default_context(cafile=server.ca_file)
    with (
        socket.create_connection(server.get_host_and_port(), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False) as secure,
    ):
        secure.sendall(b"GET /_fakes3part/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        received = b"".join(iter(lambda: secure.recv(65536), b""))  # raises SSLEOFError if it ends without close_notify
    assert received.startswith(b"HTTP/1.1 200")


# --- environment() -----------------------------------------------------------------------------------------------------------


def test_environment_names_the_files_until_the_server_stops() -> None:
    server = Server(tls=True)
    with pytest.raises(RuntimeError, match="not running"):
        server.ca_file  # noqa: B018
    files = set()
    for _ in range(2):
        with server:
            environment = server.environment()
            assert environment["AWS_CA_BUNDLE"] == environment["NODE_EXTRA_CA_CERTS"] == server.ca_file
            assert environment["SSL_CERT_FILE"] == environment["REQUESTS_CA_BUNDLE"]
            assert environment["AWS_ENDPOINT_URL_S3"] == server.url
            assert environment["AWS_ENDPOINT_URL_S3_CONTROL"] == f"https://localhost:{server.port}"
            own, bundle = Path(environment["AWS_CA_BUNDLE"]).read_text(), Path(environment["SSL_CERT_FILE"]).read_text()
            assert own.count("BEGIN CERTIFICATE") == 1
            assert bundle.startswith(own)
            assert bundle.count("BEGIN CERTIFICATE") > 50  # the usual authorities: other hosts can still be reached
            files |= {environment["AWS_CA_BUNDLE"], environment["SSL_CERT_FILE"]}
        assert not any(map(os.path.exists, files))
    assert len(files) == 4


def test_a_server_without_tls_names_none() -> None:
    with Server() as server:
        assert server.ca_file is None
        assert {"AWS_CA_BUNDLE", "SSL_CERT_FILE"}.isdisjoint(server.environment())
        assert server.url.startswith("http://")


def test_files_are_removed_when_a_process_ends_without_stopping(tmp_path: Path) -> None:
    code = "from fakes3part import Server; print(Server(tls=True).start().ca_file)"
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


PROGRAM = """
import urllib.request
import boto3, requests

s3 = boto3.client("s3")
s3.put_object(Bucket="bucket", Key="key", Body=b"text")
url = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "key"})
assert requests.get(url).content == b"text"
assert urllib.request.urlopen(url).read() == b"text"
assert boto3.client("sts").get_caller_identity()["Account"] == "123456789012"
"""

CRT = """
import os
from pathlib import Path
import boto3
import boto3.crt
from boto3.s3.transfer import TransferConfig

s3 = boto3.client("s3")
config = TransferConfig(
    preferred_transfer_client="crt", multipart_threshold=5 * 2**20, multipart_chunksize=5 * 2**20
)
data = os.urandom(11 * 2**20)
Path("up").write_bytes(data)
s3.upload_file("up", "bucket", "crt", Config=config)
s3.download_file("bucket", "crt", "down", Config=config)
assert Path("down").read_bytes() == data
assert boto3.crt.CRT_S3_CLIENT is not None
"""


@pytest.mark.parametrize("program", [PROGRAM, CRT], ids=["boto3, requests, urllib", "boto3 by the Common Runtime"])
def test_another_process_needs_nothing_but_the_environment(server: Server, s3: Any, program: str, tmp_path: Path) -> None:
    environment = {**os.environ, **server.environment()}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    operations = [call.operation for call in server.fake.calls]
    if program is CRT:
        assert operations.count("UploadPart") == 3
        assert "CompleteMultipartUpload" in operations
        agents = {call.headers["user-agent"] for call in server.fake.calls if call.operation == "UploadPart"}
        assert all("CRTS3NativeClient" in agent for agent in agents)
    else:
        assert operations.count("GetObject") == 2


def test_the_aws_cli(server: Server, s3: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"text")
    command = [sys.executable, "-m", "awscli", "s3", "cp", "file", "s3://bucket/key"]
    environment = {**os.environ, **server.environment(), "HOME": str(tmp_path)}
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert server.fake.buckets["bucket"].objects["key"].data == b"text"


@pytest.mark.usefixtures("local_names")
def test_outposts(server: Server) -> None:
    fake = server.fake
    bucket = fake.add_outposts_bucket("reports", "op-01234567890123456", region="us-west-2")
    point = fake.add_access_point("point", bucket, vpc="vpc-1a2b")
    fake.vpc = "vpc-1a2b"
    url = server.url.replace("127.0.0.1", "localhost")
    options = {"verify": server.ca_file, "region_name": "us-west-2", "endpoint_url": url}
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    try:
        with contextlib.closing(warm().client("s3", **options, **keys)) as s3:
            s3.put_object(Bucket=point.arn, Key="k", Body=b"text")
            assert s3.get_object(Bucket=point.arn, Key="k")["Body"].read() == b"text"
            upload = s3.create_multipart_upload(Bucket=point.arn, Key="m")["UploadId"]
            part = s3.upload_part(Bucket=point.arn, Key="m", UploadId=upload, PartNumber=1, Body=b"part")
            s3.complete_multipart_upload(
                Bucket=point.arn,
                Key="m",
                UploadId=upload,
                MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
            )
            assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=point.arn)["Contents"]] == ["k", "m"]
    finally:
        fake.vpc = None


# --- what S3 ties to TLS -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tls", [False, True])
def test_secure_transport_in_policies(tls: bool) -> None:
    policy = """{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::bucket/*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}"""
    with Server(tls=tls) as server, client_of(server) as s3:
        s3.create_bucket(Bucket="bucket")
        s3.put_bucket_policy(Bucket="bucket", Policy=policy)
        s3.put_object(Bucket="bucket", Key="k", Body=b"text")
        if tls:
            assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"text"
        else:
            with pytest.raises(ClientError, match="explicit deny"):
                s3.get_object(Bucket="bucket", Key="k")


def sse_c_calls() -> list[tuple[str, Callable[[Any], Any]]]:
    place = {"Bucket": "bucket", "Key": "k"}
    source = {f"CopySource{name}": value for name, value in CUSTOMER.items()}
    return [
        ("PutObject", lambda s3: s3.put_object(**place, Body=b"", **CUSTOMER)),
        ("GetObject", lambda s3: s3.get_object(**place, **CUSTOMER)),
        ("CreateMultipartUpload", lambda s3: s3.create_multipart_upload(**place, **CUSTOMER)),
        ("UploadPart", lambda s3: s3.upload_part(**place, UploadId="u", PartNumber=1, Body=b"", **CUSTOMER)),
        ("CopyObject", lambda s3: s3.copy_object(**place, CopySource=place, **CUSTOMER)),
        ("CopyObject, source", lambda s3: s3.copy_object(**place, CopySource=place, **source)),
        (
            "UploadPartCopy",
            lambda s3: s3.upload_part_copy(**place, UploadId="u", PartNumber=1, CopySource=place, **CUSTOMER),
        ),
        (
            "GetObjectAttributes",
            lambda s3: s3.get_object_attributes(
                **place, ObjectAttributes=["ETag"], SSECustomerAlgorithm="AES256", SSECustomerKey="a" * 44
            ),
        ),
    ]


@pytest.mark.parametrize("call", [pytest.param(call, id=name) for name, call in sse_c_calls()])
def test_strict_sse_c_over_plain_http(call: Callable[[Any], Any]) -> None:
    with Server(strict_sse_c=True) as server, client_of(server) as s3:
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key="k", Body=b"plain")
        refused(lambda: call(s3), *NOT_SECURE)
        refused_head(lambda: s3.head_object(Bucket="bucket", Key="k", **CUSTOMER), 400)
        assert server.fake.buckets["bucket"].objects["k"].data == b"plain"
        assert s3.list_multipart_uploads(Bucket="bucket").get("Uploads", []) == []


@pytest.mark.parametrize("tls", [False, True])
def test_strict_sse_c_of_a_form(tls: bool) -> None:
    with Server(tls=tls, strict_sse_c=True) as server, client_of(server) as s3:
        s3.create_bucket(Bucket="bucket")
        key, digest = (b64encode(value).decode() for value in (b"k" * 32, md5(b"k" * 32).digest()))
        prefix = "x-amz-server-side-encryption-customer-"
        fields = {f"{prefix}algorithm": "AES256", f"{prefix}key": key, f"{prefix}key-MD5": digest}
        conditions = [{name: value} for name, value in fields.items()]
        form = s3.generate_presigned_post("bucket", "k", Fields=dict(fields), Conditions=conditions)
        verify = server.ca_file or True
        response = requests.post(form["url"], data=form["fields"], files={"file": b"text"}, verify=verify, timeout=10)
        if tls:
            assert (response.status_code, response.text) == (204, "")
        else:
            assert response.status_code == 400
            assert f"<Code>InvalidRequest</Code><Message>{NOT_SECURE[2]}</Message>" in response.text
            assert "k" not in server.fake.buckets["bucket"].objects


def test_the_server_of_test_server_mode_may_speak_https(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    assert server.ca_file is not None
    monkeypatch.setenv("TEST_SERVER_MODE", "true")
    monkeypatch.setenv("TEST_SERVER_MODE_ENDPOINT", server.url)
    monkeypatch.setenv("AWS_CA_BUNDLE", server.ca_file)
    with mock_s3(), contextlib.closing(warm().client("s3", region_name="us-east-1")) as s3:
        s3.create_bucket(Bucket="bucket")
        assert list(server.fake.buckets) == ["bucket"]


def test_strict_sse_c_over_tls_and_in_process() -> None:
    with Server(tls=True, strict_sse_c=True) as server, client_of(server) as s3:
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key="k", Body=b"text", **CUSTOMER)
        assert s3.get_object(Bucket="bucket", Key="k", **CUSTOMER)["Body"].read() == b"text"
        with contextlib.closing(server.fake.client()) as in_process:  # its endpoint is https://
            assert in_process.get_object(Bucket="bucket", Key="k", **CUSTOMER)["Body"].read() == b"text"
        with contextlib.closing(server.fake.client(use_ssl=False)) as plain:
            refused(lambda: plain.get_object(Bucket="bucket", Key="k", **CUSTOMER), *NOT_SECURE)


def test_by_default_sse_c_works_over_plain_http() -> None:
    with Server() as server, client_of(server) as s3:
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key="k", Body=b"text", **CUSTOMER)
        assert s3.get_object(Bucket="bucket", Key="k", **CUSTOMER)["Body"].read() == b"text"


# --- faults ------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def stored(server: Server, s3: Any) -> Iterator[Any]:
    s3.put_object(Bucket="bucket", Key="k", Body=b"0123456789" * 1000)
    yield s3
    server.fake.faults.clear()


def read(s3: Any) -> bytes:
    data: bytes = s3.get_object(Bucket="bucket", Key="k")["Body"].read()
    return data


@pytest.mark.parametrize(
    ("effect", "errors"),
    [
        # Python 3.10 to 3.12 show a reset within TLS as "EOF occurred in violation of protocol".
        (faults.Reset(), (SSLError, ConnectionClosedError)),
        (faults.Reset(when="after"), (SSLError, ConnectionClosedError)),
        (faults.Refuse(), (SSLError, ConnectionClosedError)),
        (faults.Truncate(after=10), (ResponseStreamingError,)),
        (faults.Reset(when="during"), (SSLError, ResponseStreamingError)),
    ],
    ids=repr,
)
def test_broken_connections(server: Server, stored: Any, effect: Any, errors: tuple[type[Exception], ...]) -> None:
    server.fake.fail("GetObject", effect, times=1)
    with pytest.raises(errors):
        read(stored)
    assert read(stored) == b"0123456789" * 1000


def test_a_truncated_body_ends_in_order_after_its_bytes(server: Server, stored: Any) -> None:
    url = stored.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k"})
    target = url.partition(str(server.port))[2]
    server.fake.fail("GetObject", faults.Truncate(after=10), times=1)
    context = ssl.create_default_context(cafile=server.ca_file)
    with (
        socket.create_connection(server.get_host_and_port(), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1", suppress_ragged_eofs=False) as secure,
    ):
        secure.sendall(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
        received = b"".join(iter(lambda: secure.recv(65536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"Content-Length: 10000" in head
    assert body == b"0123456789"


def test_a_stalled_response(server: Server, stored: Any) -> None:
    server.fake.fail("GetObject", faults.Stall(after=10), times=1)
    config = Config(retries={"total_max_attempts": 1}, read_timeout=0.3)
    with client_of(server, config=config) as impatient, pytest.raises(ReadTimeoutError):
        read(impatient)
    assert read(stored) == b"0123456789" * 1000


def test_a_slow_response(server: Server, stored: Any) -> None:
    server.fake.fail("GetObject", faults.Bandwidth(10_000_000))
    assert read(stored) == b"0123456789" * 1000


# --- threads and shutdown ----------------------------------------------------------------------------------------------------


def test_a_client_that_never_speaks_delays_nobody_and_no_stop() -> None:
    before = set(threading.enumerate())
    with (
        Server(tls=True) as server,
        socket.create_connection(server.get_host_and_port(), timeout=10),
        connected(server) as idle,
        connected(server) as half,
    ):
        half.sendall(b"PUT /bucket/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n123")
        with client_of(server) as s3:
            s3.create_bucket(Bucket="bucket")
        stopped = threading.Thread(target=server.stop)
        stopped.start()
        stopped.join(10)
        assert not stopped.is_alive()
        assert idle.recv(1) == b""
    assert set(threading.enumerate()) <= before


def test_a_client_that_aborts_its_handshake_or_download(server: Server, stored: Any, capfd: pytest.CaptureFixture[str]) -> None:
    for begin in (b"", b"\x16", b"\x16\x03\x01\x02\x00\x01", b"\x16" * 100):
        with socket.create_connection(server.get_host_and_port(), timeout=10) as sock:
            sock.sendall(begin)
    stored.put_object(Bucket="bucket", Key="k", Body=bytes(8 * MiB))
    url = stored.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k"})
    for _ in range(3):
        context = ssl.create_default_context(cafile=server.ca_file)
        with urllib.request.urlopen(url, context=context) as response:
            assert len(response.read(1000)) == 1000
    assert len(read(stored)) == 8 * MiB
    assert capfd.readouterr() == ("", "")


def test_requests_in_many_threads(s3: Any) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for index in range(5):
                s3.put_object(Bucket="bucket", Key=f"{number}/{index}", Body=bytes(100_000))
                assert len(s3.get_object(Bucket="bucket", Key=f"{number}/{index}")["Body"].read()) == 100_000
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


# --- a certificate of one's own ----------------------------------------------------------------------------------------------


def test_a_given_certificate(tmp_path: Path) -> None:
    path = tmp_path / "both.pem"
    make_certificate(path)
    certificate, _, key = path.read_text().partition("-----BEGIN PRIVATE KEY-----")
    (tmp_path / "cert.pem").write_text(certificate)
    (tmp_path / "key.pem").write_text(f"-----BEGIN PRIVATE KEY-----{key}")
    forms: list[dict[str, Any]] = [
        {"cert": path},
        {"cert": str(tmp_path / "cert.pem"), "key": tmp_path / "key.pem"},
        {"tls": True, "cert": path},
    ]
    for files in forms:
        with Server(**files) as server, client_of(server) as s3:
            assert server.ca_file == server.environment()["AWS_CA_BUNDLE"] == str(files["cert"])
            bundle = Path(server.environment()["SSL_CERT_FILE"]).read_text()
            assert bundle.startswith(Path(files["cert"]).read_text().partition("-----BEGIN PRIVATE KEY-----")[0])
            assert "PRIVATE KEY" not in bundle
            s3.create_bucket(Bucket="bucket")
        assert path.exists()


def test_files_that_cannot_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, other, text = tmp_path / "good.pem", tmp_path / "other.pem", tmp_path / "text.pem"
    make_certificate(good)
    make_certificate(other)
    text.write_text("no certificate")
    absent = tmp_path / "absent.pem"
    cases: list[tuple[dict[str, Path], str]] = [
        ({"cert": absent}, f"there is no file {absent}"),
        ({"cert": good, "key": absent}, f"there is no file {absent}"),
        ({"cert": good, "key": other}, f"cannot use the certificate {good} with the key {other}: KEY_VALUES_MISMATCH"),
        ({"cert": text}, f"cannot use the certificate {text} with the key {text}: "),
        ({"key": good}, f"the key {good} needs the certificate that belongs to it (cert=, --cert)"),
    ]
    for files, message in cases:
        with pytest.raises(ValueError, match=r"certificate|file") as caught:
            Server(**files)  # type: ignore[arg-type]
        assert str(caught.value).startswith(message)
        flags = [word for name, path in files.items() for word in (f"--{name}", str(path))]
        assert main(["serve", "--port", "0", *flags]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith(f"fakes3part serve: error: {message}")


def test_without_the_package_the_error_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    message = (
        "a certificate for TLS is made by the package trustme, which is not installed: pip install 'fakes3part[tls]', or "
        "name a certificate of your own (cert= and key=, --cert and --key)"
    )
    with pytest.raises(ValueError, match="trustme") as caught:
        Server(tls=True)
    assert str(caught.value) == message
    assert main(["serve", "--tls"]) == 2
    assert capsys.readouterr() == ("", f"fakes3part serve: error: {message}\n")
    make_certificate(tmp_path / "own.pem")
    with Server(cert=tmp_path / "own.pem") as server:
        assert server.url.startswith("https://")


def test_tls_costs_nothing_when_it_is_not_used() -> None:
    code = "import sys; from fakes3part import Server; Server().start(); print({'trustme', 'cryptography'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_motos_class() -> None:
    server = ThreadedMotoServer(port=0, verbose=False, tls=True)
    server.start()
    try:
        host, port = server.get_host_and_port()
        assert server.url == f"https://{host}:{port}"
        with client_of(server) as s3:
            s3.create_bucket(Bucket="bucket")
    finally:
        server.stop()
