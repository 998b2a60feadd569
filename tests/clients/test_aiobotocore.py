"""aiobotocore, on aiohttp and on httpx, and what is built on it: aioboto3, s3fs, pandas, pyiceberg.

aiobotocore wants a botocore of its own, so CI installs it in a folder beside: see `.ci/run`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError, ReadTimeoutError

from fakes3part import faults
from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.mock import mock_s3
from fakes3part.auth.own_credentials import ACCESS_KEY
from fakes3part.intercept.network_guard import ServiceNotFaked
from tests.support.client_portrait import handlers

aiobotocore_session = pytest.importorskip("aiobotocore.session", reason="aiobotocore wants a botocore of its own: see .ci/run")

from aiobotocore.config import AioConfig  # noqa: E402

DATA = bytes(range(256)) * 512
Connect = Callable[..., Any]


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(coroutine)


@pytest.fixture(params=["aiohttp", "httpx"])
def connect(request: pytest.FixtureRequest) -> Connect:
    """Make a context manager that opens a client, with its HTTP requests sent by each library."""

    library = request.param
    sessions = (
        pytest.importorskip("aiobotocore.httpxsession", reason="aiobotocore is too old for httpx") if library == "httpx" else None
    )

    def connect(service: str = "s3", session: Any = None, **settings: Any) -> Any:
        config = dict(settings.pop("config", {}))
        if library == "httpx":
            config["http_session_cls"] = sessions.HttpxSession
        session = session or aiobotocore_session.AioSession()
        settings.setdefault("region_name", "us-east-1")
        return session.create_client(service, config=AioConfig(**config), **settings)

    connect.library = library  # type: ignore[attr-defined]
    return connect


@pytest.fixture
def fake() -> Iterator[FakeS3]:
    with mock_s3() as fake:
        fake.client().create_bucket(Bucket="bucket")
        yield fake


class TestClients:
    def test_put_and_get(self, fake: FakeS3, connect: Connect) -> None:
        async def test() -> bytes:
            async with connect() as s3:
                await s3.put_object(Bucket="bucket", Key="a//b ä", Body=DATA)
                response = await s3.get_object(Bucket="bucket", Key="a//b ä")
                async with response["Body"] as body:
                    data: bytes = await body.read()
                    return data

        assert run(test()) == DATA
        assert bytes(fake.buckets["bucket"].objects["a//b ä"].data) == DATA
        assert {call.access_key for call in fake.calls if call.operation != "CreateBucket"} == {ACCESS_KEY}

    def test_stream(self, fake: FakeS3, connect: Connect) -> None:
        fake.client().put_object(Bucket="bucket", Key="k", Body=DATA)

        async def test() -> list[bytes]:
            async with connect() as s3:
                response = await s3.get_object(Bucket="bucket", Key="k")
                if not hasattr(response["Body"], "iter_chunks"):
                    pytest.skip("aiobotocore is too old: it returns httpx's response")
                return [chunk async for chunk in response["Body"].iter_chunks(1000)]

        chunks = run(test())
        assert (b"".join(chunks), len(chunks)) == (DATA, 132)

    def test_multipart(self, fake: FakeS3, connect: Connect) -> None:
        async def test() -> None:
            async with connect() as s3:
                upload = (await s3.create_multipart_upload(Bucket="bucket", Key="k"))["UploadId"]
                sent = await asyncio.gather(
                    *(
                        s3.upload_part(Bucket="bucket", Key="k", UploadId=upload, PartNumber=number, Body=b"x" * (5 << 20))
                        for number in (1, 2)
                    )
                )
                parts = [{"PartNumber": number, "ETag": part["ETag"]} for number, part in enumerate(sent, 1)]
                await s3.complete_multipart_upload(Bucket="bucket", Key="k", UploadId=upload, MultipartUpload={"Parts": parts})

        run(test())
        assert fake.buckets["bucket"].objects["k"].size == 10 << 20

    def test_paginators_and_waiters(self, fake: FakeS3, connect: Connect) -> None:
        async def test() -> list[str]:
            async with connect() as s3:
                for number in range(5):
                    await s3.put_object(Bucket="bucket", Key=f"{number}", Body=b"")
                await s3.get_waiter("object_exists").wait(Bucket="bucket", Key="4")
                pages = s3.get_paginator("list_objects_v2").paginate(Bucket="bucket", PaginationConfig={"PageSize": 2})
                return [entry["Key"] async for page in pages for entry in page["Contents"]]

        assert run(test()) == ["0", "1", "2", "3", "4"]

    def test_checksums_are_the_clients(self, fake: FakeS3, connect: Connect) -> None:
        """The client sends one, and compares the one of a download."""

        async def test() -> None:
            async with connect() as s3:
                response = await s3.put_object(Bucket="bucket", Key="k", Body=DATA, ChecksumAlgorithm="SHA256")
                assert response["ChecksumSHA256"]
                fake.fail("GetObject", faults.Corrupt())
                response = await s3.get_object(Bucket="bucket", Key="k", ChecksumMode="ENABLED")
                with pytest.raises(Exception, match=r"(?i)checksum"):
                    await response["Body"].read()

        run(test())

    def test_errors_have_notes(self, fake: FakeS3, connect: Connect) -> None:
        async def test() -> None:
            async with connect() as s3:
                await s3.put_object(Bucket="bucket", Key="data/key", Body=b"")
                await s3.get_object(Bucket="bucket", Key="date/key")

        with pytest.raises(ClientError) as error:
            run(test())
        assert error.value.response["Error"]["Code"] == "NoSuchKey"
        assert any("fakes3part" in note for note in getattr(error.value, "__notes__", ["fakes3part"]))

    def test_clients_made_before_and_after(self, connect: Connect) -> None:
        async def test() -> None:
            async with connect(aws_access_key_id="own", aws_secret_access_key="own") as s3:
                for _ in range(2):
                    with mock_s3() as fake:
                        await s3.create_bucket(Bucket="bucket")
                        await s3.put_object(Bucket="bucket", Key="k", Body=b"x")
                        assert [call.operation for call in fake.calls] == ["CreateBucket", "PutObject"]

        run(test())

    def test_a_client_without_credentials_made_before(self, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
            monkeypatch.delenv(name, raising=False)
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            monkeypatch.setenv(name, "/nowhere")
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

        async def test() -> None:
            async with connect() as s3:
                with mock_s3() as fake:
                    await s3.create_bucket(Bucket="bucket")
                assert [call.access_key for call in fake.calls] == [ACCESS_KEY]

        run(test())

    def test_other_services_are_refused(self, fake: FakeS3, connect: Connect) -> None:
        async def test() -> None:
            async with connect("sqs", config={"retries": {"max_attempts": 0}}) as sqs:
                await sqs.list_queues()

        with pytest.raises(ServiceNotFaked, match="sqs"):
            run(test())

    def test_other_regions(self, fake: FakeS3, connect: Connect) -> None:
        """On httpx the client follows to the bucket's region. aiohttp follows by itself, without the signature, as on AWS."""
        far = fake.client(region_name="eu-west-1")
        far.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        far.put_object(Bucket="far", Key="k", Body=b"x")

        async def test() -> None:
            async with connect() as s3:
                await s3.get_object(Bucket="far", Key="k")

        if connect.library == "httpx":  # type: ignore[attr-defined]
            run(test())
        else:
            with pytest.raises(ClientError, match="AccessDenied"):
                run(test())
        assert next(call.status for call in fake.calls if call.operation == "GetObject") == 307


class TestTime:
    def test_the_signing_clock(self, fake: FakeS3, connect: Connect) -> None:
        async def test() -> None:
            async with connect() as s3:
                fake.clock.freeze(datetime(2030, 1, 1, tzinfo=timezone.utc))
                await s3.put_object(Bucket="bucket", Key="k", Body=b"x")
                url = await s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k"})
                assert "20300101" in url or "Expires=1893" in url
                post = await s3.generate_presigned_post("bucket", "k")
                assert "policy" in {name.lower() for name in post["fields"]}

        run(test())
        assert fake.buckets["bucket"].objects["k"].last_modified.year == 2030

    @pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
    def test_pauses_between_attempts_pass_on_the_clock(self, fake: FakeS3, connect: Connect, mode: str) -> None:
        async def test() -> None:
            async with connect(config={"retries": {"max_attempts": 5, "mode": mode}}) as s3:
                fake.clock.freeze()
                fake.fail("PutObject", faults.Error("SlowDown"), times=3)
                await s3.put_object(Bucket="bucket", Key="k", Body=DATA)

        before = datetime.now(timezone.utc)
        run(test())
        assert [call.status for call in fake.calls][-4:] == [503, 503, 503, 200]
        assert fake.clock.now() > before


class TestFaults:
    @pytest.mark.parametrize(
        ("effect", "error"),
        [
            (faults.Reset(), (EndpointConnectionError, HTTPClientError)),  # the latter on httpx
            (faults.Refuse(), EndpointConnectionError),
            (faults.Stall(after=None), ReadTimeoutError),
        ],
        ids=str,
    )
    def test_broken_connections(self, fake: FakeS3, connect: Connect, effect: faults.Effect, error: type[Exception]) -> None:
        async def test() -> None:
            async with connect(config={"retries": {"max_attempts": 0}}) as s3:
                fake.fail("GetObject", effect)
                await s3.get_object(Bucket="bucket", Key="k")

        with pytest.raises(error):
            run(test())

    def test_they_are_retried(self, fake: FakeS3, connect: Connect) -> None:
        async def test() -> None:
            async with connect() as s3:
                fake.clock.freeze()
                fake.fail("PutObject", faults.Stall(after=None), times=2)
                await s3.put_object(Bucket="bucket", Key="k", Body=DATA)

        run(test())
        assert bytes(fake.buckets["bucket"].objects["k"].data) == DATA

    def test_a_body_that_breaks(self, fake: FakeS3, connect: Connect) -> None:
        async def test() -> None:
            async with connect() as s3:
                await s3.put_object(Bucket="bucket", Key="k", Body=DATA)
                fake.fail("GetObject", faults.Truncate(after=1000))
                response = await s3.get_object(Bucket="bucket", Key="k")
                async with response["Body"] as body:  # else aiohttp warns of a connection that is not closed, as of any server
                    await body.read()

        with pytest.raises(Exception, match=r"(?i)complete|closed|enough"):
            run(test())


class TestBuiltOnIt:
    def test_aioboto3(self, fake: FakeS3, tmp_path: Any) -> None:
        aioboto3 = pytest.importorskip("aioboto3")
        (tmp_path / "file").write_bytes(DATA * 100)

        async def test() -> None:
            session = aioboto3.Session(region_name="us-east-1")
            async with session.client("s3") as s3:
                await s3.upload_file(str(tmp_path / "file"), "bucket", "k")
                await s3.download_file("bucket", "k", str(tmp_path / "copy"))
            async with session.resource("s3") as resource:
                bucket = await resource.Bucket("bucket")
                assert [entry.key async for entry in bucket.objects.all()] == ["k"]

        run(test())
        assert (tmp_path / "copy").read_bytes() == DATA * 100

    def test_s3fs(self, fake: FakeS3) -> None:
        """It has an event loop in a thread of its own, and keeps its instances."""
        s3fs = pytest.importorskip("s3fs")
        filesystem = s3fs.S3FileSystem()
        with filesystem.open("bucket/folder/k", "wb") as file:
            file.write(DATA * 100)
        with filesystem.open("bucket/folder/k", "rb") as file:
            file.seek(len(DATA) * 99)
            assert file.read() == DATA
        assert filesystem.ls("bucket/folder") == ["bucket/folder/k"]
        assert filesystem.cat_file("bucket/folder/k", start=0, end=3) == DATA[:3]
        with pytest.raises(FileNotFoundError):
            filesystem.open("bucket/none", "rb")

    def test_s3fs_in_the_next_test(self) -> None:
        s3fs = pytest.importorskip("s3fs")
        filesystem = s3fs.S3FileSystem()
        for _ in range(3):
            with mock_s3() as fake:
                fake.client().create_bucket(Bucket="bucket")
                filesystem.pipe_file("bucket/k", b"data")
                assert list(fake.buckets["bucket"].objects) == ["k"]

    def test_pandas(self, fake: FakeS3) -> None:
        pandas = pytest.importorskip("pandas")
        pytest.importorskip("s3fs")
        frame = pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]})
        for name in ("csv", "json"):  # Parquet is read by pyarrow
            getattr(frame, f"to_{name}")(f"s3://bucket/frame.{name}", index=False)
            assert getattr(pandas, f"read_{name}")(f"s3://bucket/frame.{name}").equals(frame)

    def test_pyiceberg(self, fake: FakeS3) -> None:
        fsspec = pytest.importorskip("pyiceberg.io.fsspec")
        files = fsspec.FsspecFileIO({})
        with files.new_output("s3://bucket/k").create() as stream:
            stream.write(DATA)
        with files.new_input("s3://bucket/k").open() as stream:
            assert stream.read() == DATA


def test_sharing_models_changes_no_client(connect: Connect) -> None:
    async def client_parts() -> Any:
        async with connect(aws_access_key_id="a", aws_secret_access_key="b") as s3:
            endpoint = await s3._ruleset_resolver.construct_endpoint(
                s3.meta.service_model.operation_model("PutObject"), {"Bucket": "bucket", "Key": "k"}, {}
            )
            model = s3.meta.service_model._service_description
            return handlers(s3.meta.events), dict(model), endpoint, s3.waiter_names, dir(s3), s3.meta.endpoint_url

    with mock_s3(share_models=False):
        own = run(client_parts())
    with mock_s3():
        for _ in range(2):
            run(client_parts())
        assert run(client_parts()) == own


FAILING = """
import asyncio
from aiobotocore.session import AioSession

async def read():
    async with AioSession().create_client("s3", region_name="us-east-1") as s3:
        await s3.get_object(Bucket="none", Key="k")

async def read_twice():
    await asyncio.gather(read(), read())

def test_alone(fakes3): asyncio.run(read())
def test_gathered(fakes3): asyncio.run(read_twice())
"""


def test_the_report_of_a_failing_test_shows_the_lines_of_the_user(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(FAILING)
    result = pytester.runpytest_subprocess("-q", "--tb=short", "-p", "no:asyncio")
    result.stdout.fnmatch_lines(
        ["*: in test_alone", "*: in read", "E   *NoSuchBucket*", "> #1  GetObject  none/k  404 NoSuchBucket*"]
    )
    result.stdout.fnmatch_lines(["*: in test_gathered", "*: in read_twice", "*: in read", "E   *NoSuchBucket*"])
    assert "aiobotocore/" not in result.stdout.str()
