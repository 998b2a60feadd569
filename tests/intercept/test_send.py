"""Requests through ``URLLib3Session.send``, and their responses."""

from __future__ import annotations

import io
import threading
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, HeadersDict
from botocore.client import Config
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from botocore.signers import RequestSigner

from fakes3part.api.mock import mock_s3
from fakes3part.intercept.activation import intercepted
from fakes3part.intercept.botocore.send import to_request
from tests.support.canned_fake import Canned


def test_a_request_arrives_as_it_would_on_the_wire(early_client: Any) -> None:
    with intercepted(Canned()) as fake:
        early_client.put_object(Bucket="bucket", Key="a/ü//%2F", Body=b"hello", Metadata={"k": "v"})
    request = fake.request
    assert (request.method, request.scheme, request.host) == ("PUT", "https", "bucket.s3.eu-west-1.amazonaws.com")
    assert (request.path, request.query) == ("/a/%C3%BC//%252F", "")
    assert request.headers["x-amz-meta-k"] == "v"
    assert request.headers["content-encoding"] == "aws-chunked"
    assert "Credential=AKIAEARLY/" in request.headers["authorization"]
    assert {type(value) for value in request.headers.values()} == {str}
    assert [name for name in request.headers if name != name.lower()] == []
    assert request.payload == (b"hello", {"x-amz-checksum-crc32": "NhCmhg=="})


def test_query_and_no_body(early_client: Any) -> None:
    with intercepted(Canned(headers=[])) as fake:
        early_client.list_parts(Bucket="bucket", Key="k", UploadId="u/=&")
    assert (fake.request.method, fake.request.path) == ("GET", "/k")
    assert fake.request.query == "uploadId=u%2F%3D%26"
    assert fake.request.payload == (b"", None)


def test_a_host_header_of_the_user_is_the_host(early_client: Any) -> None:
    prepared = AWSPreparedRequest("GET", "https://a/b", HeadersDict({"Host": "other.test"}), None, False)
    assert to_request(prepared, "https", "a", "/b", "").host == "other.test"


HEADERS = [("X-Amz-Meta-A", b"\xc3\xa9"), ("ETag", "e"), ("Content-Length", 3)]


def test_headers_the_fast_way_and_the_slow_way_are_equal() -> None:
    class Other(HeadersDict):
        pass

    headers_of_each = []
    for kind in (HeadersDict, Other, HTTPHeaders):
        headers = kind()
        for name, value in HEADERS:
            headers[name] = value
        prepared = AWSPreparedRequest("GET", "https://a/b", headers, None, False)
        headers_of_each.append(to_request(prepared, "https", "a", "/b", "").headers)
    assert headers_of_each == [{"x-amz-meta-a": "Ã©", "etag": "e", "content-length": "3"}] * 3


def test_a_header_that_comes_twice_is_joined() -> None:
    headers = HTTPHeaders()
    headers["X-A"] = "1"
    headers["x-a"] = "2"
    prepared = AWSPreparedRequest("GET", "https://a/b", headers, None, False)
    assert to_request(prepared, "https", "a", "/b", "").headers == {"x-a": "1,2"}


def test_an_unneeded_body_is_not_read(early_client: Any) -> None:
    body = io.BytesIO(b"hello")
    with intercepted(Canned()) as fake:
        early_client.put_object(Bucket="bucket", Key="k", Body=body)
        assert body.tell() == 0
        assert fake.request.payload.data == b"hello"


@pytest.mark.parametrize("body", [b"hello", bytearray(b"hello"), io.BytesIO(b"hello")], ids=lambda body: type(body).__name__)
def test_plain_http_sends_the_body_as_it_is(body: Any) -> None:
    client = boto3.client("s3", region_name="us-east-1", endpoint_url="http://minio.test:9000")
    with intercepted(Canned(custom_endpoints=["minio.test:9000"])) as fake:
        client.put_object(Bucket="bucket", Key="k", Body=body)
    client.close()
    request = fake.request
    assert (request.scheme, request.host, request.path) == ("http", "minio.test:9000", "/bucket/k")
    assert request.payload == (b"hello", None)
    assert request.headers["content-length"] == "5"


def test_a_retry_sends_the_whole_body_again(late_client: Any) -> None:
    class Slow(Canned):
        def handle(self, request: Any) -> Any:
            request.payload  # noqa: B018
            self.status = 503 if len(self.requests) < 2 else 200
            return super().handle(request)

    with intercepted(Slow(headers=[])) as fake:
        client = late_client(config=Config(retries={"mode": "standard", "total_max_attempts": 3}))
        client.meta.events.register("needs-retry.*", lambda **kwargs: 0 if _is_first(kwargs) else None)
        response = client.put_object(Bucket="bucket", Key="k", Body=io.BytesIO(b"hello"))
    assert response["ResponseMetadata"]["RetryAttempts"] == 2
    assert [request.payload.data for request in fake.requests] == [b"hello"] * 3


def _is_first(requested: dict[str, Any]) -> bool:
    """Retry without the pause of the client's own retry handler."""
    response = requested["response"]
    return response is not None and response[0].status_code == 503


def test_a_streamed_response(early_client: Any) -> None:
    headers = [("Content-Length", "10"), ("x-amz-meta-k", "Ã©")]
    with intercepted(Canned((b"hello", memoryview(b"world")), headers=headers)):
        got = early_client.get_object(Bucket="bucket", Key="k")
        assert got["Body"].read(3) == b"hel"
        assert got["Body"].read() == b"loworld"
        assert got["Body"].read() == b""
        assert got["Metadata"] == {"k": "Ã©"}
        assert "transfer-encoding" not in got["ResponseMetadata"]["HTTPHeaders"]


def test_a_short_response_is_an_error_of_the_client(early_client: Any) -> None:
    from botocore.exceptions import IncompleteReadError

    with intercepted(Canned((b"hello",), headers=[("Content-Length", "10")])):
        body = early_client.get_object(Bucket="bucket", Key="k")["Body"]
        with pytest.raises(IncompleteReadError):
            body.read()


def test_a_response_without_a_length_is_chunked(early_client: Any) -> None:
    xml = (b"<ListAllMyBucketsResult>", b"<Buckets/></ListAllMyBucketsResult>")
    headers = [("Content-Type", "application/xml")]
    with intercepted(Canned(xml, headers=headers)) as fake:
        response = early_client.list_buckets()
    assert response["Buckets"] == []
    assert response["ResponseMetadata"]["HTTPHeaders"] == {"content-type": "application/xml", "transfer-encoding": "chunked"}
    assert fake.headers == headers


@pytest.mark.parametrize("name", ["Content-Length", "content-length"])
def test_a_response_with_a_length_is_not_chunked(early_client: Any, name: str) -> None:
    with intercepted(Canned(headers=[(name, "0")])):
        response = early_client.put_object(Bucket="bucket", Key="k")
    assert response["ResponseMetadata"]["HTTPHeaders"] == {"content-length": "0"}


def test_head_and_204_have_no_body(early_client: Any) -> None:
    with intercepted(Canned((b"hello",), headers=[("Content-Length", "5")])):
        assert early_client.head_object(Bucket="bucket", Key="k")["ContentLength"] == 5
    with intercepted(Canned(status=204, headers=[])):
        response = early_client.delete_object(Bucket="bucket", Key="k")
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert response["ResponseMetadata"]["HTTPHeaders"] == {}


def test_an_error_document_is_the_clients_exception(early_client: Any) -> None:
    document = b"<Error><Code>NoSuchKey</Code><Message>no</Message></Error>"
    with intercepted(Canned((document,), 404, [])), pytest.raises(early_client.exceptions.NoSuchKey) as caught:
        early_client.get_object(Bucket="bucket", Key="k")
    assert caught.value.response["Error"] == {"Code": "NoSuchKey", "Message": "no"}


def test_exceptions_of_a_fake_are_unchanged(early_client: Any) -> None:
    class Broken(Canned):
        def handle(self, request: Any) -> Any:
            raise ZeroDivisionError

    with intercepted(Broken()), pytest.raises(ZeroDivisionError):
        early_client.list_buckets()


def test_everything_is_restored() -> None:
    before = URLLib3Session.send, RequestSigner.get_auth_instance, RequestSigner.get_auth
    with intercepted(Canned()), intercepted(Canned()):
        assert URLLib3Session.send is not before[0]
    assert (URLLib3Session.send, RequestSigner.get_auth_instance, RequestSigner.get_auth) == before


def test_another_patch_removed_after_ours(monkeypatch: pytest.MonkeyPatch, early_client: Any) -> None:
    before = URLLib3Session.send
    theirs: list[str] = []
    with intercepted(Canned()):
        ours = URLLib3Session.send

        def send(self: URLLib3Session, request: AWSPreparedRequest) -> Any:
            theirs.append(request.url)
            return ours(self, request)

        monkeypatch.setattr(URLLib3Session, "send", send)
    with intercepted(Canned()) as fake:
        early_client.list_buckets()
        assert (len(fake.requests), theirs) == (1, [])
    with monkeypatch.context() as patch:
        patch.setattr("urllib3.connectionpool.HTTPConnectionPool.urlopen", lambda *args, **kwargs: 1 / 0)
        client = boto3.client(
            "s3", region_name="us-east-1", endpoint_url="http://127.0.0.1:1", aws_access_key_id="a", aws_secret_access_key="s"
        )
        with pytest.raises(Exception, match="division by zero"):  # the original is called, and not the patch again
            client.list_buckets()
        client.close()
    assert set(theirs) == {"http://127.0.0.1:1/"}
    monkeypatch.undo()
    with intercepted(Canned()):
        pass
    assert URLLib3Session.send is before


class TestReal:
    """A real fake, called in every way that boto3 offers."""

    def test_client_made_before(self, early_client: Any) -> None:
        with mock_s3() as fake:
            early_client.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
            early_client.put_object(Bucket="bucket", Key="k", Body=b"hello")
            assert early_client.get_object(Bucket="bucket", Key="k")["Body"].read() == b"hello"
            assert list(fake.buckets) == ["bucket"]
            with pytest.raises(ClientError, match="NoSuchKey"):
                early_client.get_object(Bucket="bucket", Key="no")

    @mock_s3
    def test_resource(self) -> None:
        resource = boto3.resource("s3", region_name="us-east-1")
        bucket = resource.create_bucket(Bucket="bucket")
        bucket.put_object(Key="k", Body=b"hello")
        assert [(one.key, one.get()["Body"].read()) for one in bucket.objects.all()] == [("k", b"hello")]
        resource.meta.client.close()

    @mock_s3
    def test_transfer_manager_threads(self, tmp_path: Path, late_client: Any) -> None:
        data = bytes(range(256)) * 4096 * 20  # 20 MiB: three parts
        (tmp_path / "up").write_bytes(data)
        client = late_client()
        client.create_bucket(Bucket="bucket")
        seen: list[int] = []
        client.upload_file(str(tmp_path / "up"), "bucket", "k", Callback=seen.append)
        assert client.head_object(Bucket="bucket", Key="k")["ETag"].endswith('-3"')
        assert sum(seen) == len(data)
        client.download_file("bucket", "k", str(tmp_path / "down"))
        assert (tmp_path / "down").read_bytes() == data

    def test_other_threads(self, early_client: Any) -> None:
        found: list[Any] = []
        with mock_s3():
            thread = threading.Thread(target=lambda: found.append(early_client.list_buckets()["Buckets"]))
            thread.start()
            thread.join()
        assert found == [[]]

    @mock_s3
    def test_crt_transfers_are_disabled(self, late_client: Any) -> None:
        from boto3.s3 import transfer

        config = transfer.TransferConfig(preferred_transfer_client="crt")
        manager = transfer.create_transfer_manager(late_client(), config)
        assert type(manager) is transfer.TransferManager
        manager.shutdown()

    def test_crt_transfers_are_allowed_afterwards(self) -> None:
        from boto3.s3 import transfer

        before = transfer._should_use_crt
        with mock_s3():
            assert transfer._should_use_crt is not before
        assert transfer._should_use_crt is before
