"""The OpenAPI description of the control API has a schema of all that requests may have. By schemathesis: ``nox -s openapi``."""

from __future__ import annotations

import contextlib
import http.client
import json
from typing import Any

import pytest

from fakes3part import FakeS3, Server
from fakes3part.control.endpoints import ENDPOINTS
from fakes3part.control.openapi import openapi_document
from fakes3part.control.schemas import EFFECTS
from fakes3part.faults.effect_json import _EFFECTS
from tests.support.state import unchanged

SLOW = "SlowDown"
PATHS: dict[str, Any] = openapi_document("0.0.0")["paths"]


def post(server: Server, path: str, document: Any) -> tuple[int, Any]:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
        connection.request("POST", f"/_fakes3part/{path}", json.dumps(document))
        response = connection.getresponse()
        return response.status, json.loads(response.read())


def schema_of(path: str) -> dict[str, Any]:
    schema: dict[str, Any] = PATHS[f"/_fakes3part/{path}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return schema


@pytest.mark.parametrize("endpoint", [endpoint for endpoint in ENDPOINTS if endpoint.body], ids=lambda endpoint: endpoint.path)
def test_every_member_has_a_type_and_a_description(endpoint: Any) -> None:
    schema = schema_of(endpoint.path.removeprefix("/_fakes3part/"))
    if "*" in endpoint.body:
        assert schema["description"] == endpoint.body["*"]
        return
    for alternative in schema.get("anyOf", [schema]):
        assert alternative["properties"].keys() == endpoint.body.keys()
        assert not alternative["additionalProperties"]
        for name, member in alternative["properties"].items():
            assert member["description"] == endpoint.body[name]
            assert member.keys() & {"type", "anyOf", "enum"}


def test_every_effect_has_a_schema() -> None:
    assert {name for name, _, _ in EFFECTS} == _EFFECTS.keys()


def test_effects_are_offered_for_the_operations_that_they_apply_to() -> None:
    offered = {}
    for alternative in schema_of("faults")["anyOf"]:
        operations = set(alternative["properties"]["operation"]["anyOf"][0]["enum"])
        for effect in alternative["properties"]["effect"]["anyOf"]:
            offered[effect.get("properties", {}).get("effect", {}).get("const")] = operations
    assert {"*", "Get*", "GetObject", "PutObject"} <= offered[None]
    assert offered["error_in_200"] == {"*", "Copy*", "Upload*", "CompleteMultipartUpload", "CopyObject", "UploadPartCopy"}
    assert "GetObject" in offered["truncate"]
    assert not {"PutObject", "notification"} & offered["truncate"]
    assert {"GetObject", "notification"} <= offered["latency"]


@pytest.mark.parametrize(
    ("path", "document", "status", "words"),
    [
        ("faults", {"operation": "*", "effect": SLOW, "key": {}}, 400, "key must be a name or a pattern, not {}"),
        ("faults", {"operation": "*", "effect": SLOW, "bucket": []}, 400, "bucket must be a name or a pattern, not []"),
        (
            "faults",
            {"operation": "*", "effect": SLOW, "probability": False},
            400,
            "probability= is between 0 and 1, not False",
        ),
        ("faults", {"operation": "*", "effect": SLOW, "times": True}, 400, "times= is at least 1, not True"),
        ("faults", {"operation": "*", "effect": SLOW, "nth": True}, 400, "nth= is a number or several, counted from 1, not True"),
        (
            "pauses",
            {"operation": "*", "part_number": [True]},
            400,
            "part_number= is a number or several, counted from 1, not [True]",
        ),
        ("pauses", {"operation": "*", "key": 5}, 400, "key must be a name or a pattern, not 5"),
        (
            "faults",
            {"operation": "*", "effect": {"effect": "error", "code": SLOW, "retry_after": -1}},
            400,
            "retry_after= is at least 0, not -1",
        ),
        ("snapshot", {"name": {}}, 400, "name must be a text, not {}"),
        ("restore", {"name": None}, 400, "name must be a text, not None"),
        ("clock/advance", {"days": True}, 400, "days must be a number, not True"),
        ("clock/advance", {"days": "1"}, 400, "days must be a number, not '1'"),
        ("clock/advance", {"weeks": 521_775}, 409, "the clock shows the years 1 to 9999: date value out of range"),
        ("clock/advance", {"weeks": -521_775}, 409, "the clock shows the years 1 to 9999: date value out of range"),
    ],
)
def test_refused(path: str, document: dict[str, Any], status: int, words: str) -> None:
    fake = FakeS3()
    fake.seed({"bucket": {"key": "text"}})
    with Server(fake) as server, unchanged(fake):
        assert post(server, path, document) == (status, {"error": words})
        assert (list(fake.faults.pauses), list(fake.faults)) == ([], [])
        assert not fake.clock.is_controlled


def test_whole_numbers_may_be_written_with_a_point() -> None:
    with Server() as server:
        status, rule = post(server, "faults", {"operation": "GetObject", "effect": SLOW, "nth": [1.0, 2.0], "times": 3.0})
    assert (status, rule["nth"], rule["times"]) == (200, [1, 2], 3)
