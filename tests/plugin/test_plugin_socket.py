"""In-process, nothing opens a socket: ``pytest-socket`` may forbid them all."""

from __future__ import annotations

import pytest

TESTS = """
    import boto3
    import pytest
    from fakes3part import mock_s3, faults
    from botocore.exceptions import EndpointConnectionError

    def test_a_transfer(fakes3, fakes3_bucket, tmp_path):
        (tmp_path / "file").write_bytes(b"x" * (9 << 20))
        fakes3_bucket.upload_file(str(tmp_path / "file"), "big")  # by parts, in threads
        assert fakes3_bucket.Object("big").get()["Body"].read() == b"x" * (9 << 20)

    @mock_s3
    def test_a_decorator():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="bucket")

    def test_faults(fakes3, fakes3_client):
        fakes3.clock.freeze()
        fakes3.fail("*", faults.Refuse())
        with pytest.raises(EndpointConnectionError):
            fakes3_client.list_buckets()

    def test_other_libraries(fakes3_bucket, fakes3_client):
        import urllib.request

        import minio
        import requests
        import urllib3

        def url(operation):
            params = {"Bucket": fakes3_bucket.name, "Key": "k"}
            return fakes3_client.generate_presigned_url(operation, Params=params)

        assert requests.put(url("put_object"), data=b"data").status_code == 200
        assert requests.get(url("get_object"), proxies={"https": "http://proxy.test"}).content == b"data"
        with urllib.request.urlopen(url("get_object")) as response:
            assert response.read() == b"data"
        assert urllib3.request("GET", url("get_object")).data == b"data"
        assert minio.Minio("s3.amazonaws.com", "a", "b").bucket_exists(fakes3_bucket.name)

    def test_others_stay_forbidden():
        import socket
        with pytest.raises(Exception, match="A test tried to use socket"):
            socket.socket()
"""


@pytest.mark.usefixtures("all_plugins")
def test_no_socket_is_opened(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TESTS)
    options = ("-W", "error", "--disable-socket", "-p", "no:randomly", "-p", "no:asyncio")
    pytester.runpytest_subprocess(*options).assert_outcomes(passed=5)
