"""What tests of moto beside a fake share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.core import config
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.models import MockAWS, botocore_stubber

from fakes3part.intercept import others

REGION = "us-east-1"


@pytest.fixture(autouse=True)
def moto_left_as_it_was() -> Iterator[None]:
    """Assert that moto is neither active nor changed afterwards."""
    methods = {name: vars(BotocoreStubber)[name] for name in ("__call__", "process_request")}
    configuration = {section: dict(values) for section, values in config.default_user_config.items()}  # type: ignore[call-overload]
    session = boto3.DEFAULT_SESSION
    yield
    assert {name: vars(BotocoreStubber)[name] for name in methods} == methods
    assert config.default_user_config == configuration
    assert (botocore_stubber.enabled, MockAWS._nested_count, MockAWS._mocks_active) == (False, 0, False)
    assert boto3.DEFAULT_SESSION is session
    assert (others._outermost, others._owner, others._nested) == (None, None, {})


def client(service: str) -> Any:
    return boto3.session.Session().client(service, region_name=REGION)


def tables() -> list[str]:
    return list(client("dynamodb").list_tables()["TableNames"])


def create_table(name: str = "table") -> None:
    client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def buckets() -> list[str]:
    return [bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]]
