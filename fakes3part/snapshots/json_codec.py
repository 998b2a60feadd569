"""State as JSON, and back: dataclasses by name and field, nothing that could run.

JSON's own types stand for themselves (a list is a list); beyond them an object with one of these names is

* ``{"$": "lifecycle.Rule", "id": "a", ...}``: that dataclass; fields that have their default are not there;
* ``{"$date": "2026-01-01T00:00:00+00:00"}``, ``{"$bytes": base64}``, ``{"$tuple": [...]}``;
* ``{"$data": SHA-256}``: `Data`, kept elsewhere;
* ``{"$numbered": [[3, ...]]}``: a mapping by numbers, in their order;
* ``{"$map": [["$name", ...]]}``: a mapping with a name that would be taken for one of these.

Any other object is a mapping with text for keys.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from typing import Any, TypeVar, get_args, get_type_hints

from sortedcontainers import SortedDict

from ..state import bucket, encryption, kms, objects
from ..state.access_points import AccessPoint

T = TypeVar("T")

_ROOTS = (bucket.Bucket, kms.Key, AccessPoint)
"""What an archive is made of."""


def _reachable(annotation: Any, classes: dict[type[Any], None]) -> dict[type[Any], None]:
    """Collect the dataclasses that an annotation names, itself or in a type argument, and those that their fields name."""
    for argument in get_args(annotation):
        _reachable(argument, classes)
    if isinstance(annotation, type) and is_dataclass(annotation) and annotation not in classes:
        classes[annotation] = None
        for hint in get_type_hints(annotation).values():
            _reachable(hint, classes)
    return classes


def _name(cls: type[Any]) -> str:
    """Return a class's name in the archive: its module in `fakes3part.state` is part of it (``lifecycle.Rule``)."""
    return f"{cls.__module__.rpartition('.')[2]}.{cls.__name__}"


_NAMES: dict[type[Any], str] = {cls: _name(cls) for root in _ROOTS for cls in _reachable(root, {})}
"""Every dataclass that can be reached from the fields of `_ROOTS` -> its name in the archive."""

_CLASSES = {name: cls for cls, name in _NAMES.items()}
_NEVER = frozenset({"epoch"})


class DecodeError(Exception):
    """What was read is not what `Encoder` writes."""


def _default(field: Field[Any]) -> Any:
    if field.default is not MISSING:
        return field.default
    return field.default_factory() if field.default_factory is not MISSING else MISSING


_FIELDS: dict[str, tuple[tuple[str, Any], ...]] = {
    name: tuple((field.name, _default(field)) for field in fields(cls) if field.init and field.name not in _NEVER)
    for cls, name in _NAMES.items()
}
"""Class -> (field, default); MISSING where there is none."""


def _class_of(value: object) -> str | None:
    """The name of the dataclass that a value is of; what is derived from one (a version that is a file) is the same to S3."""
    return next((_NAMES[cls] for cls in type(value).__mro__ if cls in _NAMES), None)


class Encoder:
    """``blob`` stores data and returns its name."""

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
            return {"$tuple": [self(one) for one in value]}
        if isinstance(value, list):
            return [self(one) for one in value]
        if isinstance(value, objects.Data):
            return {"$data": self._stored(value)}
        if isinstance(value, Mapping):
            return self._mapping(value)
        return self.fields(value)

    def fields(self, value: Any, leave_out: tuple[str, ...] = ()) -> dict[str, Any]:
        """A dataclass without some of its fields."""
        name = _class_of(value)
        if name is None:
            raise TypeError(f"no way to save a {type(value).__name__}: {value!r}")
        encoded: dict[str, Any] = {"$": name}
        for field, default in _FIELDS[name]:
            if field not in leave_out:
                of_field = getattr(value, field)
                if default is MISSING or of_field != default:
                    encoded[field] = self(of_field)
        return encoded

    def _mapping(self, value: Mapping[Any, Any]) -> dict[str, Any]:
        if isinstance(value, SortedDict):
            return {"$numbered": [[number, self(one)] for number, one in value.items()]}
        if any(name[:1] == "$" for name in value):
            return {"$map": [[name, self(one)] for name, one in value.items()]}
        return {name: self(one) for name, one in value.items()}

    def _stored(self, data: objects.Data) -> str:
        known = self._blobs.get(id(data))  # kept with it, or another could get its id
        if known is None:
            known = self._blobs[id(data)] = data, self._blob(data)
        return known[1]


class Decoder:
    """``blob`` finds data by name. Raises DecodeError, and whatever Python raises of values of the wrong type."""

    def __init__(self, blob: Callable[[str], objects.Data]) -> None:
        self._blob = blob

    def of(self, cls: type[T], encoded: Any) -> T:
        """A value that must be of this class; None only of datetime."""
        value = self(encoded)
        if not isinstance(value, cls) and not (value is None and cls is datetime):
            raise DecodeError(f"{encoded!r} is no {cls.__name__}")
        return value  # type: ignore[return-value]  # None where a date is none

    def __call__(self, encoded: Any) -> Any:
        if isinstance(encoded, list):
            return [self(one) for one in encoded]
        if not isinstance(encoded, dict):
            return encoded
        for mark, decode in _MARKS.items():
            if mark in encoded:
                return decode(self, encoded)
        return {name: self(value) for name, value in encoded.items()}

    def _dataclass(self, encoded: dict[str, Any]) -> Any:
        name = encoded["$"]
        cls = _CLASSES.get(name)
        if cls is None:
            raise DecodeError(f"nobody knows {name!r}")
        known = {field for field, _ in _FIELDS[name]}
        given = {field: self(value) for field, value in encoded.items() if field != "$"}
        if not known.issuperset(given):
            raise DecodeError(f"{name} has no {', '.join(sorted(set(given) - known))}")
        value = cls(**given)
        return encryption.SSE_S3 if value == encryption.SSE_S3 else value


_MARKS: dict[str, Callable[[Decoder, dict[str, Any]], Any]] = {
    "$": Decoder._dataclass,
    "$date": lambda decode, encoded: datetime.fromisoformat(encoded["$date"]),
    "$bytes": lambda decode, encoded: b64decode(encoded["$bytes"], validate=True),
    "$tuple": lambda decode, encoded: tuple(decode(one) for one in encoded["$tuple"]),
    "$data": lambda decode, encoded: decode._blob(encoded["$data"]),
    "$numbered": lambda decode, encoded: SortedDict((int(number), decode(one)) for number, one in encoded["$numbered"]),
    "$map": lambda decode, encoded: {name: decode(one) for name, one in encoded["$map"]},
}
"""By the name that tells what an object is. (``$`` first: it is nearly all of them.)"""
