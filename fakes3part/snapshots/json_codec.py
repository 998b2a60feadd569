"""Encode state as JSON, and decode it: dataclasses by name and field, and no code.

JSON's types stand for themselves (a list is a list). An object with one of these names is

* ``{"$": "lifecycle.Rule", "id": "a", ...}``: a dataclass, without the fields that have their default value;
* ``{"$date": "2026-01-01T00:00:00+00:00"}``, ``{"$bytes": base64}``, ``{"$tuple": [...]}``;
* ``{"$data": SHA-256}``: `Data`, whose bytes are stored elsewhere;
* ``{"$synthetic": [seed, size, offset]}``, ``{"$joined": [...]}``: `Data` that is a rule, or consists of others;
* ``{"$numbered": [[3, ...]]}``: a mapping of numbers, in their order;
* ``{"$map": [["$name", ...]]}``: a mapping with a name that begins with ``$``.

Any other object is a mapping of names.
"""

from __future__ import annotations

import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from importlib import import_module
from pkgutil import iter_modules
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from sortedcontainers import SortedDict

from .. import state
from ..state import bucket, encryption, kms, objects
from ..state.access_logs import AccessLog
from ..state.access_points import AccessPoint
from ..state.replication import PendingReplication
from ..state.synthetic_data import MAX_SYNTHETIC, JoinedData, SyntheticData, join

T = TypeVar("T")

_ROOTS = (bucket.Bucket, kms.Key, AccessPoint, AccessLog, PendingReplication)
"""The classes that an archive consists of."""


def _state_names() -> dict[str, Any]:
    """Return the names that the modules of `fakes3part.state` have, without those that mean different things in two of them."""
    names: dict[str, Any] = {}
    ambiguous = set()
    for found in iter_modules(state.__path__, f"{state.__name__}."):
        for name, value in vars(import_module(found.name)).items():
            if names.setdefault(name, value) is not value:
                ambiguous.add(name)
    return {name: value for name, value in names.items() if name not in ambiguous}


_STATE_NAMES = _state_names()
"""For annotations with names that their own module imports for type checkers only."""


def _hints(cls: type[Any]) -> dict[str, Any]:
    """Return the types of a class's fields."""
    present = {name for base in cls.__mro__ for name in vars(sys.modules[base.__module__])}
    return get_type_hints(cls, localns={name: value for name, value in _STATE_NAMES.items() if name not in present})


def _reachable(annotation: Any, classes: dict[type[Any], None]) -> dict[type[Any], None]:
    """Collect the dataclasses that an annotation names, itself or in a type argument, and those that their fields name."""
    for argument in get_args(annotation):
        _reachable(argument, classes)
    if isinstance(annotation, type) and is_dataclass(annotation) and annotation not in classes:
        classes[annotation] = None
        for hint in _hints(annotation).values():
            _reachable(hint, classes)
    return classes


def _name(cls: type[Any]) -> str:
    """Return a class's name in the archive: its module in `fakes3part.state` is part of it (``lifecycle.Rule``)."""
    return f"{cls.__module__.rpartition('.')[2]}.{cls.__name__}"


_NAMES: dict[type[Any], str] = {cls: _name(cls) for root in _ROOTS for cls in _reachable(root, {})}
"""Every dataclass that can be reached from the fields of `_ROOTS` -> its name in the archive."""

_CLASSES = {name: cls for cls, name in _NAMES.items()}
_NOT_SAVED = frozenset({"epoch"})


class DecodeError(Exception):
    """The JSON was not written by `Encoder`."""


def _default(field: Field[Any]) -> Any:
    if field.default is not MISSING:
        return field.default
    return field.default_factory() if field.default_factory is not MISSING else MISSING


_FIELDS: dict[str, tuple[tuple[str, Any], ...]] = {
    name: tuple((field.name, _default(field)) for field in fields(cls) if field.init and field.name not in _NOT_SAVED)
    for cls, name in _NAMES.items()
}
"""Class -> its fields and their defaults; MISSING: the field has no default."""


def _value_classes(annotation: Any) -> tuple[type[Any], ...]:
    """Return the classes that the values of an annotation have; empty: any."""
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        parts = [_value_classes(part) for part in get_args(annotation)]
        return tuple(cls for part in parts for cls in part) if all(parts) else ()
    if origin is Literal:
        return tuple({type(value) for value in get_args(annotation)})
    cls = annotation if origin is None else origin
    return (float, int) if cls is float else (cls,) if isinstance(cls, type) else ()


_VALUE_CLASSES: dict[str, dict[str, tuple[type[Any], ...]]] = {
    name: {field: classes for field, hint in _hints(cls).items() if (classes := _value_classes(hint))}
    for cls, name in _NAMES.items()
}
"""Class -> its fields -> the classes that their values may have."""


def _class_of(value: object) -> str | None:
    """Return the name of a value's dataclass, or of the one that its class is derived from; None: it has none."""
    return next((_NAMES[cls] for cls in type(value).__mro__ if cls in _NAMES), None)


class Encoder:
    """Encodes values. ``blob`` stores data and returns its name."""

    def __init__(self, blob: Callable[[objects.Data], str]) -> None:
        self._blob = blob
        self._blobs: dict[int, tuple[objects.Data, str]] = {}

    def __call__(self, value: Any) -> Any:
        if value is None or isinstance(value, str | int | float):
            return value
        if isinstance(value, datetime):
            return {"$date": value.isoformat()}
        if isinstance(value, bytes):
            return {"$bytes": b64encode(value).decode()}
        if isinstance(value, tuple):
            return {"$tuple": [self(item) for item in value]}
        if isinstance(value, list):
            return [self(item) for item in value]
        if isinstance(value, objects.Data):
            return self._data(value)
        if isinstance(value, Mapping):
            return self._mapping(value)
        return self.fields(value)

    def fields(self, value: Any, leave_out: tuple[str, ...] = ()) -> dict[str, Any]:
        """Encode a dataclass without some of its fields."""
        name = _class_of(value)
        if name is None:
            raise TypeError(f"cannot save a {type(value).__name__}: {value!r}")
        encoded: dict[str, Any] = {"$": name}
        for field, default in _FIELDS[name]:
            if field not in leave_out:
                field_value = getattr(value, field)
                if default is MISSING or field_value != default:
                    encoded[field] = self(field_value)
        return encoded

    def _mapping(self, value: Mapping[Any, Any]) -> dict[str, Any]:
        if isinstance(value, SortedDict):
            return {"$numbered": [[number, self(item)] for number, item in value.items()]}
        if any(name[:1] == "$" for name in value):
            return {"$map": [[name, self(item)] for name, item in value.items()]}
        return {name: self(item) for name, item in value.items()}

    def _data(self, data: objects.Data) -> dict[str, Any]:
        if isinstance(data, SyntheticData):
            return {"$synthetic": [b64encode(data.seed).decode(), data.size, data.offset]}
        if isinstance(data, JoinedData):
            return {"$joined": [self._data(piece) for piece in data.pieces]}
        return {"$data": self._stored(data)}

    def _stored(self, data: objects.Data) -> str:
        stored = self._blobs.get(id(data))  # with the data, or other data could get its id
        if stored is None:
            stored = self._blobs[id(data)] = data, self._blob(data)
        return stored[1]


class Decoder:
    """Decodes values. ``blob`` returns data by name. Raises DecodeError, and what Python raises for values of the wrong type."""

    def __init__(self, blob: Callable[[str], objects.Data]) -> None:
        self._blob = blob

    def of(self, cls: type[T], encoded: Any) -> T:
        """Decode a value of this class; None is allowed for datetime only."""
        value = self(encoded)
        if not isinstance(value, cls) and not (value is None and cls is datetime):
            raise DecodeError(f"{encoded!r} is not a {cls.__name__}")
        return value  # type: ignore[return-value]  # None where a date is none

    def __call__(self, encoded: Any) -> Any:
        if isinstance(encoded, list):
            return [self(item) for item in encoded]
        if not isinstance(encoded, dict):
            return encoded
        for mark, decode in _DECODERS.items():
            if mark in encoded:
                return decode(self, encoded)
        return {name: self(value) for name, value in encoded.items()}

    def _dataclass(self, encoded: dict[str, Any]) -> Any:
        name = encoded["$"]
        cls = _CLASSES.get(name)
        if cls is None:
            raise DecodeError(f"there is no class {name!r}")
        fields_of_class = {field for field, _ in _FIELDS[name]}
        values = {field: self(value) for field, value in encoded.items() if field != "$"}
        if not fields_of_class.issuperset(values):
            raise DecodeError(f"{name} has no field {', '.join(sorted(set(values) - fields_of_class))}")
        for field, classes in _VALUE_CLASSES[name].items():
            if field in values and not isinstance(values[field], classes):
                raise DecodeError(f"{name}.{field} cannot be {values[field]!r}")
        value = cls(**values)
        return encryption.SSE_S3 if value == encryption.SSE_S3 else value


def _synthetic(seed: str, size: int, offset: int) -> SyntheticData:
    if not (size >= 0 and offset >= 0 and offset + size <= MAX_SYNTHETIC):
        raise DecodeError(f"synthetic data cannot have {size} bytes from {offset} on")
    return SyntheticData(b64decode(seed, validate=True), size, offset)


_DECODERS: dict[str, Callable[[Decoder, dict[str, Any]], Any]] = {
    "$": Decoder._dataclass,
    "$date": lambda decode, encoded: datetime.fromisoformat(encoded["$date"]),
    "$bytes": lambda decode, encoded: b64decode(encoded["$bytes"], validate=True),
    "$tuple": lambda decode, encoded: tuple(decode(item) for item in encoded["$tuple"]),
    "$data": lambda decode, encoded: decode._blob(encoded["$data"]),
    "$synthetic": lambda decode, encoded: _synthetic(*encoded["$synthetic"]),
    "$joined": lambda decode, encoded: join([decode.of(objects.Data, piece) for piece in encoded["$joined"]]),
    "$numbered": lambda decode, encoded: SortedDict((int(number), decode(item)) for number, item in encoded["$numbered"]),
    "$map": lambda decode, encoded: {name: decode(item) for name, item in encoded["$map"]},
}
"""Decoders of objects by the name that marks them, the most frequent one first."""
