"""Effects, rules and pauses in JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fakes3part import faults
from fakes3part.api.fakes3 import FakeS3


@pytest.fixture
def fake() -> FakeS3:
    return FakeS3(seed=7)


EFFECTS = {
    faults.Error("SlowDown"): {"effect": "error", "code": "SlowDown"},
    faults.Error("Odd", "m", 418, 1.5): {"effect": "error", "code": "Odd", "message": "m", "status": 418, "retry_after": 1.5},
    faults.ErrorIn200(): {"effect": "error_in_200", "code": "InternalError", "whitespace": 3},
    faults.Truncate(): {"effect": "truncate"},
    faults.Truncate(after=0): {"effect": "truncate", "after": 0},
    faults.Truncate(fraction=0.1): {"effect": "truncate", "fraction": 0.1},
    faults.Corrupt(3): {"effect": "corrupt", "offset": 3, "count": 1},
    faults.Reset("after"): {"effect": "reset", "when": "after"},
    faults.Stall(): {"effect": "stall", "after": 0},
    faults.Stall(None): {"effect": "stall", "after": None},
    faults.Latency(1): {"effect": "latency", "seconds": 1},
    faults.Latency((1, 2)): {"effect": "latency", "seconds": [1, 2]},
    faults.Bandwidth(10): {"effect": "bandwidth", "bytes_per_second": 10},
    faults.Malformed(): {"effect": "malformed"},
    faults.Duplicate(): {"effect": "duplicate"},
    faults.Refuse(): {"effect": "refuse"},
    faults.Reorder(): {"effect": "reorder"},
}


@pytest.mark.parametrize(("effect", "document"), EFFECTS.items(), ids=map(repr, EFFECTS))
def test_an_effect_as_json(effect: faults.Effect, document: dict[str, Any]) -> None:
    assert effect.to_json() == document
    assert faults.effect_from_json(json.loads(json.dumps(document))) == effect


def test_every_effect_has_a_json_form() -> None:
    effects = {effect for effect in faults.Effect.__subclasses__() if effect.__module__.startswith("fakes3part.")}
    assert {type(effect) for effect in EFFECTS} == effects
    assert {effect.__name__ for effect in effects} | {"Effect", "effect_from_json"} == set(faults.__all__)


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("NoSuchCode", "S3 has no error 'NoSuchCode'"),
        ({"effect": "resets"}, "no such effect: 'resets'; did you mean 'reset'"),
        ({}, "no such effect: None"),
        ({"effect": ["reset"]}, "no such effect"),
        ({"effect": "reset", "wen": "after"}, "reset has no field 'wen'; its fields are: when"),
        ({"effect": "refuse", "when": "after"}, "refuse has no field 'when'; its fields are: none"),
        ({"effect": "latency"}, "latency: .*missing"),
        ({"effect": "latency", "seconds": "long"}, "latency: seconds is float .*, not 'long'"),
        ({"effect": "latency", "seconds": [1, "2"]}, "latency: seconds is"),
        ({"effect": "latency", "seconds": None}, "latency: seconds is"),
        ({"effect": "truncate", "after": "10"}, "truncate: after is int | None, not '10'"),
        ({"effect": "truncate", "after": 1.5}, "truncate: after is"),
        ({"effect": "truncate", "after": True}, "truncate: after is"),
        ({"effect": "reset", "when": 1}, "reset: when is str, not 1"),
        ({"effect": "error", "code": 5}, "error: code is str, not 5"),
        ({"effect": "truncate", "after": -1}, "after= is at least 0, not -1"),
    ],
)
def test_json_that_is_no_effect(document: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        faults.effect_from_json(document)


def test_a_rule_as_json(fake: FakeS3) -> None:
    document = {
        "operation": ["UploadPart", "Get*"],
        "effect": {"effect": "reset", "when": "after"},
        "bucket": "b",
        "key": "k*",
        "part_number": [1, 2],
        "nth": 3,
        "times": 4,
        "probability": 0.5,
    }
    rule = fake.faults.add_json(document)
    assert rule.to_json() == {"id": 1, **document, "calls": 0, "hits": 0}
    assert fake.faults.add_json({"operation": "*", "effect": "SlowDown", "key": None}).to_json() == {
        "id": 2,
        "operation": "*",
        "effect": {"effect": "error", "code": "SlowDown"},
        "calls": 0,
        "hits": 0,
    }
    assert fake.fail("*", "SlowDown", when=lambda call: True).to_json()["when"] == "..."


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"operation": "*"}, "a rule needs the fields operation and effect"),
        ({"effect": "SlowDown"}, "a rule needs the fields operation and effect"),
        ({"operation": "*", "effect": "SlowDown", "time": 2}, "a rule has no field 'time'; did you mean 'times'"),
        ({"operation": "*", "effect": "SlowDown", "when": "x"}, "a rule has no field 'when'"),
        ({"operation": "*", "effect": "SlowDown", "times": "2"}, "times= is at least 1, not '2'"),
        ({"operation": 5, "effect": "SlowDown"}, "an operation is a name such as PutObject, .*, not 5"),
        ({"operation": "*", "effect": 5}, "an effect is the code of an error or an object, not 5"),
        ({"operation": "*", "effect": "SlowDown", "key": 5}, "key must be a name or a pattern, not 5"),
        ({"operation": "*", "effect": "SlowDown", "nth": "12"}, "nth= is a number or several, counted from 1, not '12'"),
        ({"operation": None, "effect": "SlowDown"}, "a rule needs the fields operation and effect"),
    ],
)
def test_json_that_is_no_rule(fake: FakeS3, document: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        fake.faults.add_json(document)
    assert len(fake.faults) == 0


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"key": "k"}, "a pause needs the field operation"),
        ({"operation": "PutObject", "wen": "after"}, "a pause has no field 'wen'; did you mean 'when'?"),
        ({"operation": "PutObject", "nth": 2}, "a pause has no field 'nth'; its fields are: operation, when, bucket, key, "),
        ({"operation": "PutObject", "when": "during"}, "when is 'before' or 'after', not 'during'"),
        ({"operation": "PutObject", "key": 5}, "key must be a name or a pattern, not 5"),
        ({"operation": "PutObjekt"}, "S3 has no operation 'PutObjekt'"),
    ],
)
def test_json_that_is_no_pause(document: dict[str, Any], text: str) -> None:
    fake = FakeS3()
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the text is compared below
        fake.faults.pause_json(document)
    assert str(caught.value).startswith(text)
    assert fake.faults.pauses == ()


def test_a_pause_as_json() -> None:
    pause = FakeS3().faults.pause_json({"operation": "PutObject", "when": "after", "key": "a*", "part_number": None})
    assert pause.to_json() == {"id": 1, "when": "after", "calls": "PutObject, key='a*'", "waiting": [], "overdue": []}
