"""Builds fault effects from JSON.

An effect in JSON is an object with its name and its fields, ``{"effect": "truncate", "after": 100}``, or the code of an error,
``"SlowDown"``. `Effect.to_json` is the other direction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ..text import suggestion
from .effect import Effect
from .effects import Error

_EFFECTS: dict[str, type[Effect]] = {
    effect.name: effect for effect in Effect.__subclasses__() if effect.__module__ == Error.__module__
}


def effect_from_json(document: str | Mapping[str, Any]) -> Effect:
    """Return the effect of a JSON document: the code of an error, or an object with ``effect`` and the effect's fields.

    Raises:
        ValueError: there is no such effect or field, or a value is not allowed.
    """
    if isinstance(document, str):
        return Error(document)
    if not isinstance(document, Mapping):
        raise ValueError(f"an effect is the code of an error or an object, not {document!r}")
    values = dict(document)
    name = values.pop("effect", None)
    effect = _EFFECTS.get(name) if isinstance(name, str) else None
    if effect is None:
        raise ValueError(f"no such effect: {name!r}{suggestion(name, _EFFECTS)}")
    types = {field.name: str(field.type) for field in fields(effect)}
    for field, value in values.items():
        if field not in types:
            raise ValueError(f"{name} has no field {field!r}; its fields are: {', '.join(types) or 'none'}")
        if not _has_type(value, types[field]):
            raise ValueError(f"{name}: {field} is {types[field]}, not {value!r}")
    try:
        return effect(**values)
    except TypeError as error:
        raise ValueError(f"{name}: {error}") from None


def _has_type(value: object, annotation: str) -> bool:
    """Return whether a JSON value fits an annotation such as ``str``, ``int | None``, ``float | tuple[float, float]``."""
    if isinstance(value, bool) or value is None:
        return value is None and "None" in annotation
    if isinstance(value, list):
        return "tuple" in annotation and all(_has_type(item, "float") for item in value)
    types: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (int, float)}
    return isinstance(value, types[annotation.partition(" ")[0]])
