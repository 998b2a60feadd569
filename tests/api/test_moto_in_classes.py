"""Classes decorated by ``mock_aws(others="moto")``: each test begins with an empty moto, as with moto's own decorator."""

from __future__ import annotations

import unittest
from collections.abc import Iterator

import moto
import pytest
from moto.core.models import botocore_stubber

from fakes3part import current_fake, mock_aws
from tests.support.moto import buckets, client, create_table, tables


@pytest.fixture(autouse=True)
def nothing_left() -> None:
    """Replace the fixture of this folder: between the tests of a class its mock is active."""


@pytest.fixture(autouse=True, scope="module")
def nothing_left_by_the_module() -> Iterator[None]:
    yield
    assert current_fake() is None
    assert not botocore_stubber.enabled


@mock_aws(others="moto")
class Case(unittest.TestCase):
    """Each test begins with an empty moto, as with moto's decorator, and with S3 as setUpClass made it."""

    @classmethod
    def setUpClass(cls) -> None:
        client("s3").create_bucket(Bucket="bucket")
        assert tables() == []

    def setUp(self) -> None:
        create_table()

    def test_one(self) -> None:
        client("sqs").create_queue(QueueName="queue")
        client("s3").delete_bucket(Bucket="bucket")
        assert tables() == ["table"]

    def test_two(self) -> None:
        assert "QueueUrls" not in client("sqs").list_queues()
        assert (tables(), buckets()) == (["table"], ["bucket"])

    def test_zero(self) -> None:
        self.test_two()


@mock_aws(others="moto")
class TestOfPytest:
    def setup_method(self) -> None:
        create_table()

    def test_one(self) -> None:
        assert tables() == ["table"]

    def test_two(self) -> None:
        create_table("other")
        assert sorted(tables()) == ["other", "table"]


def test_a_class_inside_another_mock_does_not_reset_moto() -> None:
    @mock_aws(others="moto")
    class Inner(unittest.TestCase):
        def test_one(self) -> None:
            assert tables() == ["table"]

        def test_two(self) -> None:
            assert tables() == ["table"]

    for outer in (mock_aws(others="moto"), moto.mock_aws()):
        with outer:
            create_table()
            result = unittest.TestResult()
            unittest.defaultTestLoader.loadTestsFromTestCase(Inner).run(result)
            assert (result.testsRun, result.errors, result.failures) == (2, [], [])
