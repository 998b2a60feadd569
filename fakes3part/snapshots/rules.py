"""The rules of a bucket's objects in an archive: keys, body, the properties that all share, and which keys were changed since."""

from __future__ import annotations

from typing import Any

from ..state.object_rule import KeyRange, ObjectRule, Ranges, checked_keys
from ..state.objects import Version
from ..state.rule_index import Layer, RuleIndex
from ..state.synthetic_data import Synthetic
from .json_codec import DecodeError, Decoder, Encoder


def encode_rules(encode: Encoder, index: RuleIndex) -> list[dict[str, Any]]:
    """Encode the rules of an index.

    Raises:
        ValueError: the body of a rule is a function, which cannot be saved.
    """
    return [_encode(encode, layer) for layer in index.layers]


def _encode(encode: Encoder, layer: Layer) -> dict[str, Any]:
    rule, body = layer.rule, layer.rule.body
    if body is not None and not isinstance(body, Synthetic):
        raise ValueError(f"{rule!r} cannot be saved: its bodies are made by a function. Use Synthetic or bytes instead")
    keys = rule.keys
    return {
        "keys": [keys.template, len(keys), keys.start] if isinstance(keys, KeyRange) else {"list": list(keys)},
        "prototype": encode(rule.prototype),
        "body": None if body is None else [body.size, body.seed, body.part_size],
        "hidden": [list(bounds) for bounds in layer.hidden],
    }


def decode_rules(decode: Decoder, raw: list[dict[str, Any]]) -> RuleIndex:
    """Decode the rules of an index. Raises DecodeError, and what Python raises for values of the wrong type."""
    return RuleIndex([_decode(decode, item) for item in raw])


def _decode(decode: Decoder, raw: dict[str, Any]) -> Layer:
    keys = KeyRange(*raw["keys"]) if isinstance(raw["keys"], list) else raw["keys"]["list"]
    if not keys:
        raise DecodeError("a rule without keys")
    for key in checked_keys(keys):
        if not isinstance(key, str):
            raise DecodeError(f"{key!r} is not a key")
    body = None if raw["body"] is None else Synthetic(*raw["body"])
    hidden = Ranges((int(start), int(stop)) for start, stop in raw["hidden"])
    if any(not 0 <= start < stop <= len(keys) for start, stop in hidden):
        raise DecodeError("a rule hides keys that it does not have")
    return Layer(ObjectRule(keys, decode.of(Version, raw["prototype"]), body), hidden)
