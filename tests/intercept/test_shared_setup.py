"""The setting ``share_models``: sessions and clients share what botocore reads and computes, and nobody can see it."""

from __future__ import annotations

import copy
import gzip
import json
import logging
import os
import pickle
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import botocore.session
import pytest
from botocore import hooks
from botocore.auth import SigV4Auth
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import UnknownServiceError
from botocore.hooks import EventAliaser
from botocore.loaders import JSONFileLoader, Loader
from botocore.model import ServiceModel
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.mock import mock_s3
from fakes3part.intercept.botocore import shared_models
from fakes3part.intercept.botocore.lazy_copy import full_copy, lazy_copy, unread_source
from fakes3part.protocol import data_files
from tests.support.client_portrait import handlers, portrait, session_portrait

pytestmark = pytest.mark.usefixtures("botocore_as_installed")

DAY = datetime(2026, 11, 30, 12)
KEYS = {"aws_access_key_id": "AKIA", "aws_secret_access_key": "secret"}
Customize = Callable[[Any], None]


def frozen(*, share_models: bool) -> Any:
    """Return a fake whose clock stands, so that signatures can be compared."""
    fake = FakeS3(share_models=share_models)
    fake.clock.freeze(DAY)
    return fake


def new_session(customize: Customize | None = None) -> Any:
    session = botocore.session.Session()
    if customize is not None:
        customize(session)
    return boto3.Session(botocore_session=session)


def new_client(session: Any = None, service: str = "s3", **options: Any) -> Any:
    return (session or new_session()).client(service, **{"region_name": "us-east-1", **KEYS, **options})


def both(make: Callable[[], Any], warm: Callable[[], Any] = lambda: new_client()) -> tuple[Any, Any]:
    """Return what is made with botocore's own loading, and with sharing, after two clients have made all of it shared."""
    with frozen(share_models=False):
        own = make()
    with frozen(share_models=True):
        for _ in range(2):
            warm()
        shared = make()
    return own, shared


CONFIGS = st.fixed_dictionaries(
    {},
    optional={
        "s3": st.fixed_dictionaries(
            {},
            optional={
                "addressing_style": st.sampled_from(["auto", "path", "virtual"]),
                "use_accelerate_endpoint": st.booleans(),
                "use_arn_region": st.booleans(),
                "us_east_1_regional_endpoint": st.sampled_from(["legacy", "regional"]),
                "payload_signing_enabled": st.booleans(),
            },
        ),
        "signature_version": st.sampled_from(["s3", "s3v4", "s3v4a"]),
        "use_dualstack_endpoint": st.booleans(),
        "use_fips_endpoint": st.booleans(),
        "retries": st.sampled_from([{"mode": "standard"}, {"mode": "adaptive"}, {"max_attempts": 3}]),
        "request_checksum_calculation": st.sampled_from(["when_supported", "when_required"]),
    },
)
REGIONS = ["us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1", "aws-global", "fips-us-west-2", "mars-1"]
OPTIONS = st.fixed_dictionaries(
    {
        "region_name": st.sampled_from(
            ["us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1", "aws-global", "fips-us-west-2", "mars-1"]
        )
    },
    optional={
        "endpoint_url": st.sampled_from(["http://localhost:9000", "https://s3.eu-west-1.amazonaws.com"]),
        "use_ssl": st.booleans(),
        "api_version": st.just("2006-03-01"),
    },
)


@settings(max_examples=12, phases=(Phase.explicit, Phase.generate), suppress_health_check=[HealthCheck.too_slow])
@given(options=OPTIONS, config=CONFIGS)
def test_a_client_is_the_same(options: dict[str, Any], config: dict[str, Any]) -> None:
    def make() -> Any:
        try:
            client = new_client(config=Config(**copy.deepcopy(config)), **options)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return portrait(client)

    own, shared = both(make)
    assert own == shared


@pytest.mark.parametrize("service", ["sts", "kms", "s3control", "dynamodb", "sqs"])
def test_other_services_are_the_same(service: str) -> None:
    def make() -> Any:
        client = new_client(service=service)
        events, model = handlers(client.meta.events), client.meta.service_model._service_description
        return events, model, client.waiter_names, dir(client), client.meta.endpoint_url

    own, shared = both(make, make)
    assert own == shared


@pytest.mark.parametrize("service", ["none", "S3", "s3/../sqs", "s3/2006-03-01", ".", "", None])
def test_unknown_services_are_unknown(service: Any) -> None:
    def make() -> str:
        with pytest.raises((UnknownServiceError, TypeError)) as caught:
            new_session()._session.get_component("data_loader").load_service_model(service, "service-2")
        return str(caught.value)

    own, shared = both(make)
    assert own == shared
    assert "Valid service names are" in own


def test_a_session_with_a_client_lists_all_services() -> None:
    def make() -> Any:
        session = new_session()
        new_client(session)
        return session.get_available_services(), session.get_available_resources()

    own, shared = both(make)
    assert own == shared
    assert len(shared[0]) > 100


def test_a_session_is_the_same() -> None:
    own, shared = both(lambda: session_portrait(new_session()))
    assert own == shared


def test_a_resource_is_the_same() -> None:
    def make() -> Any:
        resource = new_session().resource("s3", region_name="us-east-1", **KEYS)
        return dir(resource), dir(resource.Bucket("b")), dir(resource.Object("b", "k")), portrait(resource.meta.client)

    own, shared = both(make)
    assert own == shared


def _adds_a_method(class_attributes: dict[str, Any], **_: Any) -> None:
    class_attributes["of_test"] = lambda self: "test"


def _signs(**_: Any) -> None:
    pass


class _OtherLoader(Loader):
    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        model = super().load_service_model(service_name, type_name, api_version)
        if type_name == "service-2":
            model["metadata"]["serviceFullName"] = "of the test"
        return model


def _aliases(session: Any) -> None:
    session.get_component("event_emitter")._event_aliases = {"s3": "of-test"}


CUSTOMIZATIONS: dict[str, Customize] = {
    "handler of the class": lambda session: session.register("creating-client-class.s3", _adds_a_method),
    "handler before signing": lambda session: session.register("before-sign.s3", _signs, unique_id="test"),
    "first handler": lambda session: session.get_component("event_emitter").register_first("before-call.*.PutObject", _signs),
    "last handler of an alias": lambda session: session.get_component("event_emitter").register_last("before-call.elb.X", _signs),
    "no builtin handler": lambda session: session.unregister("before-parameter-build.s3", hooks.first_non_none_response),
    "loader": lambda session: session.register_component("data_loader", _OtherLoader()),
    "region": lambda session: session.set_config_variable("region", "eu-north-1"),
    "retries": lambda session: session.set_config_variable("retry_mode", "adaptive"),
    "aliases": _aliases,
    "default config": lambda session: session.set_default_client_config(Config(s3={"addressing_style": "path"})),
    "user agent": lambda session: setattr(session, "user_agent_extra", "test/1"),
}


@pytest.mark.parametrize("customize", CUSTOMIZATIONS.values(), ids=CUSTOMIZATIONS)
def test_customized_sessions_are_the_same(customize: Customize) -> None:
    own, shared = both(lambda: portrait(new_client(new_session(customize))))
    assert own == shared


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder of models as ``AWS_DATA_PATH`` names it, with a service, endpoints, and an extra of S3 in it."""
    for name, version, data in (
        ("service-2", "2020-01-01", {"metadata": {"serviceId": "mine", "protocol": "json", "endpointPrefix": "mine"}}),
        ("service-2.sdk-extras", "2006-03-01", {"merge": {"metadata": {"serviceFullName": "extra"}}}),
    ):
        folder = tmp_path / ("mine" if name == "service-2" else "s3") / version
        folder.mkdir(parents=True)
        (folder / f"{name}.json").write_text(json.dumps(data))
    return tmp_path


@pytest.mark.parametrize("by", ["variable", "config", "home"])
def test_models_of_the_user_are_the_same(models: Path, by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def make() -> Any:
        if by == "variable":
            monkeypatch.setenv("AWS_DATA_PATH", str(models))
        elif by == "home":
            monkeypatch.setattr(Loader, "CUSTOMER_DATA_PATH", str(models))
        session = new_session((lambda session: session.set_config_variable("data_path", str(models))) if by == "config" else None)
        assert "mine" in session.get_available_services()
        client = new_client(session)
        assert client.meta.service_model.metadata["serviceFullName"] == "extra"
        return portrait(client)

    own, shared = both(make)
    assert own == shared


def test_a_model_of_the_user_that_changes_is_read_again(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DATA_PATH", str(models))
    names = []
    with mock_s3():
        for name in ("one", "two", "six"):
            extra = models / "s3" / "2006-03-01" / "service-2.sdk-extras.json"
            extra.write_text(json.dumps({"merge": {"metadata": {"serviceFullName": name}}}))
            names.append(new_client().meta.service_model.metadata["serviceFullName"])
    assert names == ["one", "two", "six"]


def test_a_file_of_the_package_that_changes_is_read_again(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_models, "_BOTOCORE", str(models))
    path = models / "s3" / "2006-03-01" / "waiters-2"
    read = []
    with mock_s3():
        for content in ("a", "a", "longer"):
            path.with_suffix(".json").write_text(json.dumps({"waiters": content}))
            read.append(JSONFileLoader().load_file(str(path)))
        path.with_suffix(".json").unlink()
        read.append(JSONFileLoader().load_file(str(path)))
        path.with_suffix(".json.gz").write_bytes(gzip.compress(b'{"waiters": "z"}'))
        read.append(JSONFileLoader().load_file(str(path)))
    assert read == [{"waiters": "a"}, {"waiters": "a"}, {"waiters": "longer"}, None, {"waiters": "z"}]


def _change_the_request_uri(client: Any) -> None:
    client.meta.service_model.operation_model("PutObject").http["requestUri"] = "/changed"


def _change_a_shape(client: Any) -> None:
    client.meta.service_model._service_description["shapes"]["PutObjectRequest"]["required"].append("Changed")


def _add_an_exception(client: Any) -> None:
    shape = OrderedDict(type="structure", members=OrderedDict(), exception=True)
    client.meta.service_model._service_description["shapes"]["AddedError"] = shape
    assert "AddedError" in [shape.name for shape in client.meta.service_model.error_shapes]


def _change_the_endpoints(client: Any) -> None:
    for partition in client._loader.load_data("endpoints")["partitions"]:
        partition["services"].clear()


def _change_a_region(client: Any) -> None:
    client._loader.load_data("endpoints")["partitions"][0]["services"]["s3"]["endpoints"]["us-east-1"] = {"hostname": "changed"}


def _change_the_rules(client: Any) -> None:
    rules = client._loader.load_service_model("s3", "endpoint-rule-set-1")
    rules["rules"].clear()
    client._ruleset_resolver._provider.ruleset.rules.clear()
    client._ruleset_resolver._provider.ruleset.parameters.clear()


def _change_the_partitions(client: Any) -> None:
    client._loader.load_data("partitions")["partitions"].clear()


def _change_waiters_and_pages(client: Any) -> None:
    client._get_waiter_config()["waiters"].clear()
    client.can_paginate("list_objects_v2")
    client._cache["page_config"].clear()


def _change_the_handlers(client: Any) -> None:
    client.meta.events.register("before-call.s3", _signs)
    client.meta.events.unregister("choose-signer.s3", client._request_signer.handler)
    client.meta.events._emitter._handlers._root["children"].clear()


def _change_the_class(client: Any) -> None:
    type(client).changed = True
    type(client).put_object.__doc__ = "changed"
    del type(client).get_object


def _make_calls(client: Any) -> None:
    client.create_bucket(Bucket="bucket")
    client.put_object(Bucket="bucket", Key="k")
    client.list_objects_v2(Bucket="bucket")
    client.delete_object(Bucket="bucket", Key="k")
    client.delete_bucket(Bucket="bucket")


def first_difference(ours: Any, theirs: Any, path: str = "") -> str | None:
    """Return where two portraits differ first; None: they are equal. (pytest's own explanation of such data takes minutes.)"""
    if type(ours) is not type(theirs):
        return f"{path}: {ours!r:.200} is not {theirs!r:.200}"
    if isinstance(ours, dict):
        if list(ours) != list(theirs):
            return f"{path}: keys {list(ours)!r:.300} are not {list(theirs)!r:.300}"
        pairs = ((f"{path}[{key!r}]", ours[key], theirs[key]) for key in ours)
    elif isinstance(ours, list | tuple):
        if len(ours) != len(theirs):
            extra = [item for item in (*ours, *theirs) if item not in ours or item not in theirs]
            return f"{path}: {len(ours)} items are not {len(theirs)}: {extra!r:.600}"
        pairs = ((f"{path}[{index}]", one, other) for index, (one, other) in enumerate(zip(ours, theirs, strict=True)))
    else:
        return None if ours == theirs else f"{path}: {ours!r:.200} is not {theirs!r:.200}"
    return next((found for where, one, other in pairs if (found := first_difference(one, other, where)) is not None), None)


CHANGES = [value for name, value in list(globals().items()) if name.startswith(("_change_", "_add_an_exception", "_make_calls"))]


@pytest.fixture(scope="module")
def own_portraits() -> Any:
    """What a client and a session are without sharing."""
    with frozen(share_models=False):
        return portrait(new_client()), session_portrait(new_session())


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_what_one_client_changes_no_other_session_sees(change: Callable[[Any], None], own_portraits: Any) -> None:
    with frozen(share_models=True):
        for _ in range(3):
            change(new_client())
        shared = portrait(new_client()), session_portrait(new_session())
    assert repr(shared) == repr(own_portraits) or first_difference(shared, own_portraits) is None  # (repr is the faster)


def test_what_a_client_changes_its_session_sees() -> None:
    def make() -> Any:
        session = new_session()
        _change_the_request_uri(new_client(session))
        _change_a_region(new_client(session))
        _change_a_shape(new_client(session))
        return portrait(new_client(session))

    own, shared = both(make)
    assert own == shared
    assert own["operations"]["PutObject"][0][1] == ("requestUri", "/changed")


@pytest.mark.parametrize("is_made_before", [True, False])
def test_changed_rules_count_for_the_next_client_of_the_session(is_made_before: bool) -> None:
    session = new_session()
    if is_made_before:
        new_client(session)

    def url(client: Any) -> str:
        return str(client.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k"}))

    with mock_s3():
        for _ in range(4):
            assert url(new_client(session)).startswith("https://bucket.s3.amazonaws.com/")
        rules = new_client(session)._loader.load_service_model("s3", "endpoint-rule-set-1")
        rules["rules"][:] = [{"conditions": [], "endpoint": {"url": "https://changed.test/"}, "type": "endpoint"}]
        for _ in range(3):
            assert url(new_client(session)).startswith("https://changed.test/")
        assert url(new_client()).startswith("https://bucket.s3.amazonaws.com/")


def test_nothing_is_patched_after_the_last_mock() -> None:
    places = [
        (JSONFileLoader, "load_file"),
        (Loader, "list_available_services"),
        (Loader, "load_service_model"),
        (EndpointProvider, "__init__"),
    ]
    places += [(hooks, "accepts_kwargs"), (EventAliaser, "_alias_event_name"), (SigV4Auth, "signature")]
    places += [(ServiceModel, "error_shapes"), (vars(hooks)["_PrefixTrie"], "_recursive_copy")]
    before = [getattr(owner, name) for owner, name in places]
    with mock_s3():
        new_client()
        assert all(getattr(owner, name) is not original for (owner, name), original in zip(places, before, strict=True))
    assert [getattr(owner, name) for owner, name in places] == before


def _loads(fake: FakeS3, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return how many files the second session reads, with its client."""
    read: list[str] = []
    load, parse = JSONFileLoader._load_file, data_files._parse
    with fake:
        new_client()
        monkeypatch.setattr(JSONFileLoader, "_load_file", lambda self, *of: read.append(of[0]) or load(self, *of))
        monkeypatch.setattr(data_files, "_parse", lambda path: read.append(path) or parse(path))
        new_client()
    return sum(map(os.path.isfile, read))  # (it also looks for extras, which do not exist)


def test_files_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _loads(FakeS3(), monkeypatch) == 0


def test_the_setting_switches_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _loads(FakeS3(share_models=False), monkeypatch) >= 5


def test_one_fake_that_does_not_share_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    with mock_s3(share_models=False):
        assert _loads(FakeS3(), monkeypatch) >= 5


def test_what_botocore_logs_of_its_files_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def make() -> list[str]:
        caplog.clear()
        with caplog.at_level(logging.DEBUG, "botocore"):
            new_client()
        return [text for record in caplog.records if (text := record.getMessage()).startswith(("Loading JSON", "Changing event"))]

    own, shared = both(make)
    assert own == shared


@pytest.mark.parametrize(
    "handler",
    [
        lambda **kwargs: 1,
        lambda a, b=1, *args, c, **rest: 1,
        lambda a: 1,
        lambda *args: 1,
        _OtherLoader().load_data,
        CONFIGS.map,
        dict,
        len,
        Loader,
        copy.copy,
    ],
)
def test_handlers_are_checked_alike(handler: Any) -> None:
    def make() -> Any:
        try:
            return hooks.accepts_kwargs(handler)
        except TypeError as error:
            return str(error)

    own, shared = both(make)
    assert own == shared


@pytest.mark.parametrize("secret", ["secret", "other"])
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
@pytest.mark.parametrize("date", ["20261130T120000Z", "20261201T120000Z"])
def test_signatures_are_the_same(secret: str, region: str, date: str) -> None:
    request = SimpleNamespace(context={"timestamp": date})

    signer = SigV4Auth(Credentials("a", secret), "s3", region)
    own, shared = both(lambda: [signer.signature(text, request) for text in ("a", "b")])
    assert own == shared


def test_a_signer_of_the_user_signs_itself() -> None:
    class Signer(SigV4Auth):
        def _sign(self, key: bytes, msg: str, hex: bool = False) -> Any:  # noqa: A002
            return "signed" if hex else b"key"

    request = SimpleNamespace(context={"timestamp": "20261130T120000Z"})

    with mock_s3():
        assert Signer(Credentials("a", "b"), "s3", "us-east-1").signature("text", request) == "signed"


def test_signing_keys_are_forgotten() -> None:
    from fakes3part.intercept.botocore.shared_setup import _signing_keys

    with mock_s3():
        request = SimpleNamespace(context={"timestamp": "20261130T120000Z"})
        SigV4Auth(Credentials("a", "b"), "s3", "us-east-1").signature("text", request)  # (awscrt may sign for clients)
        assert _signing_keys
    assert not _signing_keys


def test_threads_make_clients(own_portraits: Any) -> None:
    found: list[Any] = []
    with frozen(share_models=True):
        threads = [threading.Thread(target=lambda: found.append(new_client())) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(portrait(client) == own_portraits[0] for client in found)
    assert len(found) == 4


def _of_either_kind(data: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return the dictionary, or one as botocore's loader makes it."""
    return st.sampled_from((data, OrderedDict(data)))


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=4).flatmap(_of_either_kind),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(max_size=2), JSON, max_size=4).flatmap(_of_either_kind)


def _change_all(data: Any) -> None:
    """Change every dictionary and list, however it is reached."""
    for value in list(data.values() if isinstance(data, dict) else data):
        if isinstance(value, dict | list):
            _change_all(value)
    if isinstance(data, dict):
        data["changed"] = 1
    else:
        data.append("changed")


@given(data=OBJECTS)
def test_a_copy_is_equal_and_apart(data: Any) -> None:
    as_it_was = copy.deepcopy(data)
    for make in (full_copy, lazy_copy):
        copied = make(data)
        assert json.dumps(copied) == json.dumps(as_it_was)
        assert copied == as_it_was
        assert list(copied) == list(as_it_was)
        assert repr(copied) == repr(json.loads(json.dumps(as_it_was), object_pairs_hook=OrderedDict))
        _change_all(copied)
        assert data == as_it_was


WAYS: dict[str, Callable[[Any], Any]] = {
    "index": lambda data: data["d"],
    "get": lambda data: data.get("d"),
    "get with default": lambda data: data.get("d", 1),
    "setdefault": lambda data: data.setdefault("d", 1),
    "values": lambda data: next(iter(data.values())),
    "reversed values": lambda data: list(reversed(data.values()))[-1],
    "items": lambda data: next(iter(data.items()))[1],
    "pop": lambda data: data.pop("d"),
    "popitem": lambda data: data.popitem(last=False)[1],
    "copy": lambda data: data.copy()["d"],
    "copy.copy": lambda data: copy.copy(data)["d"],
    "deepcopy": lambda data: copy.deepcopy(data)["d"],
    "pickle": lambda data: pickle.loads(pickle.dumps(data))["d"],
    "dict": lambda data: dict(data)["d"],
    "OrderedDict": lambda data: OrderedDict(data)["d"],
    "keywords": lambda data: dict(**data)["d"],
    "display": lambda data: {**data}["d"],
    "update": lambda data: _updated({}, data)["d"],
    "union": lambda data: (data | {})["d"],
    "union of a dict": lambda data: ({} | data)["d"],
    "moved": lambda data: _moved(data)["d"],
    "list": lambda data: data["l"][0],
    "match": lambda data: _matched(data),
}


def _updated(data: Any, other: Any) -> Any:
    data.update(other)
    return data


def _moved(data: Any) -> Any:
    data.move_to_end("d")
    return data


def _matched(data: Any) -> Any:
    match data:
        case {"d": found, **_rest}:
            return found


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_no_way_leads_to_the_source(way: Callable[[Any], Any]) -> None:
    source = OrderedDict(d=OrderedDict(x=OrderedDict(y=1)), l=[OrderedDict(x=OrderedDict(y=1))])
    found = way(lazy_copy(source))
    assert found == {"x": {"y": 1}}
    found["x"]["y"] = 2
    found["z"] = 3
    assert source == {"d": {"x": {"y": 1}}, "l": [{"x": {"y": 1}}]}


def test_a_lazy_copy_tells_whether_it_was_read() -> None:
    source = OrderedDict(version="1", rules=[OrderedDict(a=1)])
    copied = lazy_copy(source)
    assert copied["version"] == "1"
    assert copied.get("none") is None
    assert "rules" in copied
    assert unread_source(copied) is source
    for change in (lambda data: data["rules"], lambda data: data.update(version="2"), lambda data: data.pop("version"), dict):
        changed = lazy_copy(source)
        change(changed)
        assert unread_source(changed) is None
    assert unread_source(source) is None
