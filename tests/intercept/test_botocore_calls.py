"""What botocore computes for each call is what it computes without a fake: times, parameters of endpoint rules, XML."""

from __future__ import annotations

import datetime as time_module
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from xml.etree import ElementTree

import boto3
import pytest
from botocore import parsers, serialize, utils
from botocore.client import BaseClient
from botocore.config import Config
from botocore.regions import EndpointRulesetResolver
from freezegun import freeze_time
from hypothesis import given
from hypothesis import strategies as st

from fakes3part.api.fakes3 import FakeS3
from fakes3part.intercept.activation import intercepted
from fakes3part.intercept.botocore import calls as module
from fakes3part.protocol.timestamps import http_date

pytestmark = pytest.mark.usefixtures("botocore_as_installed")
FAKE: Any = FakeS3()
NOT_SHARING: Any = FakeS3(share_models=False)
parse_timestamp: Callable[[Any], datetime] = utils.parse_timestamp
ACCESS = {"aws_access_key_id": "AKIA", "aws_secret_access_key": "secret", "region_name": "eu-west-1"}


def both(compute: Callable[[], Any]) -> tuple[Any, Any]:
    """Return what is computed without a fake, and the second time in one."""

    def result() -> Any:
        try:
            return compute()
        except Exception as error:
            return type(error), str(error)

    plain = result()
    with intercepted(FAKE):
        result()
        return plain, result()


DATES = st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 30))
ISO = DATES.map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z")
HTTP = DATES.filter(lambda moment: moment.year >= 1000).map(
    lambda moment: http_date(moment.replace(tzinfo=time_module.timezone.utc))
)


@given(ISO | HTTP)
def test_times_are_botocores(text: str) -> None:
    plain, inside = both(lambda: parse_timestamp(text))
    assert inside == plain
    assert (type(inside), repr(inside)) == (type(plain), repr(plain))


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 30 Nov 2026 12:00:00 GMT",
        "Tue, 30 Nov 2026 12:00:00 GMT",
        "2026-11-30T12:00:00.000Z",
        "2026-11-30T12:00:00Z",
        "2026-11-30T12:00:00.123456Z",
        "2026-11-30T12:00:00+02:00",
        "2026-11-30",
        "12:00",
        "Monday",
        "1764504000",
        "1764504000.5",
        "",
        "never",
        "2026-13-45T99:00:00.000Z",
        "Xxx, 30 Xxx 2026 12:00:00 GMT",
        1764504000,
        1764504000.5,
        None,
        b"2026-11-30T12:00:00Z",
    ],
)
def test_other_times_and_wrong_ones_are_botocores_too(text: Any) -> None:
    with freeze_time("2026-11-30"):
        plain, inside = both(lambda: parse_timestamp(text))
    assert inside == plain
    assert repr(inside) == repr(plain)


def test_a_time_that_means_another_tomorrow_is_not_remembered() -> None:
    with intercepted(FAKE):
        for day in (1, 2):
            with freeze_time(f"2026-11-0{day}"):
                assert parse_timestamp("12:30").date() == date(2026, 11, day)


def test_times_have_the_class_that_datetime_has() -> None:
    text = "Mon, 30 Nov 2026 12:00:00 GMT"

    def class_name() -> str:
        return type(parse_timestamp(text)).__name__

    with intercepted(FAKE):
        assert class_name() == "datetime"
        with freeze_time("2026-11-30"):
            assert class_name() == "FakeDatetime"
        assert class_name() == "datetime"


def test_times_are_remembered_only_inside_and_not_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_TIMES", 10)
    with intercepted(FAKE):
        for second in range(25):
            parse_timestamp(f"2026-11-30T12:00:{second:02}.000Z")
            assert 0 < len(module._times) <= 10
    assert not module._times


def test_a_setting_switches_it_off() -> None:
    client = boto3.client("s3", **ACCESS)
    with intercepted(NOT_SHARING):
        client.list_buckets()
        parse_timestamp("2026-11-30T12:00:00.000Z")
        assert not module._times
        assert not _variables(client)
    with intercepted(FAKE), intercepted(NOT_SHARING):
        parse_timestamp("2026-11-30T12:00:00.000Z")
        assert not module._times


def _variables(client: BaseClient) -> list[Any]:
    cache: dict[Any, Any] = client._ruleset_resolver._instance_cache  # type: ignore[attr-defined]
    return [key for key in cache if key[0] is module._resolve_param]


# Parameters of endpoint rules.

OPERATIONS = boto3.client("s3", **ACCESS).meta.service_model.operation_names
MEMBERS: dict[str, Any] = {
    "Bucket": "my-bucket",
    "Key": "some/key",
    "Prefix": "some/",
    "CopySource": "other/key",
    "DisableS3ExpressSessionAuth": True,
}


@pytest.mark.parametrize(
    "config", [{}, {"addressing_style": "path"}, {"use_accelerate_endpoint": True}, {"use_arn_region": True}]
)
@pytest.mark.parametrize("service", ["s3", "s3control", "sts", "dynamodb"])
def test_every_operation_has_botocores_parameters(service: str, config: dict[str, Any]) -> None:
    client: Any = boto3.client(service, **ACCESS, config=Config(s3=config))
    resolver, model = client._ruleset_resolver, client.meta.service_model
    compared = 0
    for name in model.operation_names:
        operation = model.operation_model(name)
        for arguments in (
            {},
            MEMBERS,
            {"AccountId": "1" * 12, "Name": "point", "TableName": "table", "ResourceArn": "arn:aws:s3"},
        ):

            def parameters(operation: Any = operation, arguments: Any = arguments) -> Any:
                return resolver._get_provider_params(operation, arguments, {})

            plain, inside = both(parameters)
            assert inside == plain
            assert list(inside) == list(plain)
            compared += 1
    assert compared >= 3 * len(model.operation_names) > 10
    assert _variables(client)


def test_a_client_setting_that_changes_counts() -> None:
    client: Any = boto3.client("s3", **ACCESS)
    with intercepted(FAKE):
        client.list_buckets()
        client.create_bucket(Bucket="my-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        client._ruleset_resolver._client_context["force_path_style"] = True
        assert FAKE.calls[-1].host != "s3.eu-west-1.amazonaws.com"
        client.head_bucket(Bucket="my-bucket")
        assert FAKE.calls[-1].host == "s3.eu-west-1.amazonaws.com"
        client.delete_bucket(Bucket="my-bucket")


def test_a_resolver_of_ones_own_is_asked() -> None:
    class Own(EndpointRulesetResolver):
        def _resolve_param_as_client_context_param(self, param_name: str) -> Any:
            return True if param_name == "ForcePathStyle" else super()._resolve_param_as_client_context_param(param_name)  # type: ignore[misc]

    client: Any = boto3.client("s3", **ACCESS)
    client._ruleset_resolver.__class__ = Own
    operation = client.meta.service_model.operation_model("HeadBucket")
    plain, inside = both(lambda: client._ruleset_resolver._get_provider_params(operation, {"Bucket": "b"}, {}))
    assert inside == plain
    assert inside["ForcePathStyle"] is True


# XML of requests.

TEXT = st.text(max_size=10) | st.sampled_from(["&<>", "\r\n\t", "\ud800", "\U0001f600", "", " "])


@given(st.lists(st.tuples(TEXT, st.dictionaries(st.sampled_from(["xmlns", "a", "{u}b"]), TEXT, max_size=2)), max_size=4), TEXT)
def test_xml_is_botocores(children: list[tuple[str, dict[str, str]]], text: str) -> None:
    root = ElementTree.Element("Root", {"xmlns": "http://s3.amazonaws.com/doc/2006-03-01/"})
    for value, attributes in children:
        ElementTree.SubElement(root, "Child", attributes).text = value
    root.text = text

    def written(**options: Any) -> Any:
        return serialize.ElementTree.tostring(root, **options)  # type: ignore[attr-defined]

    for options in (
        {"encoding": "utf-8"},
        {},
        {"encoding": "unicode"},
        {"encoding": "utf-16"},
        {"encoding": "utf-8", "xml_declaration": True},
    ):
        plain, inside = both(lambda options=options: written(**options))  # type: ignore[misc]
        assert inside == plain


TAGS = st.text(min_size=1, max_size=8) | st.tuples(st.text(max_size=4), st.text(max_size=4)).map(
    lambda pair: f"{{{pair[0]}}}{pair[1]}"
)


@given(st.lists(TAGS, max_size=5))
def test_names_of_elements_are_botocores(tags: list[str]) -> None:
    parser: Any = parsers.RestXMLParser()
    plain, inside = both(lambda: [parser._node_tag(ElementTree.Element(tag)) for tag in tags])
    assert inside == plain


def test_a_parser_of_ones_own_names_elements_by_itself() -> None:
    class Own(parsers.RestXMLParser):
        def __init__(self) -> None:
            super().__init__()
            self._namespace_re = re.compile("^x")

    own, other = Own(), parsers.RestXMLParser()
    for parser in (own, other, own):
        plain, inside = both(lambda parser=parser: parser._node_tag(ElementTree.Element("{x}name")))  # type: ignore[misc]
        assert inside == plain


def test_few_names_of_elements_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_NAMES", 10)
    parser: Any = parsers.RestXMLParser()
    with intercepted(FAKE):
        for number in range(25):
            assert parser._node_tag(ElementTree.Element(f"{{x}}name-{number}")) == f"name-{number}"
            assert len(module._names) <= 10


def test_the_modules_are_as_before_afterwards() -> None:
    before = serialize.ElementTree, utils._parse_timestamp_with_tzinfo  # type: ignore[attr-defined]
    with intercepted(FAKE):
        assert serialize.ElementTree is not ElementTree  # type: ignore[attr-defined]
        assert serialize.ElementTree.Element is ElementTree.Element  # type: ignore[attr-defined]
    assert (serialize.ElementTree, utils._parse_timestamp_with_tzinfo) == before  # type: ignore[attr-defined]
    assert before[0] is ElementTree
