"""moto mocks every other service, and the fake serves S3, whichever was started first."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import moto
import pytest
from moto.core.botocore_stubber import BotocoreStubber

from fakes3part import FakeS3, ServiceNotFaked, mock_s3

ORDERS: dict[str, list[Callable[[], Any]]] = {
    "moto outside": [moto.mock_aws, mock_s3],
    "moto inside": [mock_s3, moto.mock_aws],
    "moto between": [mock_s3, moto.mock_aws, mock_s3],
}


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    before = vars(BotocoreStubber)["__call__"]
    yield
    assert vars(BotocoreStubber)["__call__"] is before


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_each_serves_its_own_services(order: list[Callable[[], Any]], late_client: Any, early_client: Any) -> None:
    with ExitStack() as stack:
        for mock in order:
            entered = stack.enter_context(mock())
            if isinstance(entered, FakeS3):
                fake = entered
        dynamodb, s3 = late_client("dynamodb"), late_client("s3")
        dynamodb.create_table(
            TableName="table",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        dynamodb.put_item(TableName="table", Item={"id": {"S": "1"}})
        s3.create_bucket(Bucket="bucket")
        early_client.put_object(Bucket="bucket", Key="k", Body=b"hello")
        assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"hello"
        assert list(fake.buckets) == ["bucket"]
        assert dynamodb.list_tables()["TableNames"] == ["table"]
        assert late_client("sts").get_caller_identity()["Account"] == "123456789012"


def test_each_alone_afterwards(late_client: Any) -> None:
    with moto.mock_aws():
        s3 = late_client("s3")
        with mock_s3():
            s3.create_bucket(Bucket="ours")
        s3.create_bucket(Bucket="motos")
        assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["motos"]
    with mock_s3(), pytest.raises(ServiceNotFaked):
        late_client("dynamodb").list_tables()


def test_moto_imported_when_we_are_active_already() -> None:
    script = """
        import sys
        import boto3
        from fakes3part import mock_s3

        with mock_s3() as fake:
            assert "moto" not in sys.modules
            from moto import mock_aws
            from moto.core.botocore_stubber import BotocoreStubber
            before = BotocoreStubber.__call__._fakes3part_original  # it is patched already
            with mock_aws():
                boto3.client("s3").create_bucket(Bucket="bucket")
                assert boto3.client("dynamodb").list_tables()["TableNames"] == []
            print(list(fake.buckets))
        assert BotocoreStubber.__call__ is before
    """
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("['bucket']\n", "")
