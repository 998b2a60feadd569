"""The ``Condition`` of a policy statement: operators, compiled once, and how they deal with what a request lacks."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, NamedTuple, TypeAlias

from .patterns import Lookup, Pattern, normal_key

ValueTest: TypeAlias = Callable[[str, Lookup], bool]
"""(value of the request, further values) -> whether it is what one value of the policy says."""

_ALL, _ANY = "ForAllValues:", "ForAnyValue:"
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


class PolicyError(ValueError):
    """What is wrong with a policy, in AWS's words; ``detail`` is the text that is to blame."""

    def __init__(self, message: str, detail: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail


def as_texts(value: Any) -> list[str]:
    """One or several values of a policy as texts: JSON's true is ``"true"``, a number its digits.

    Raises:
        PolicyError: it is neither.
    """
    texts = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, bool):
            texts.append("true" if item else "false")
        elif isinstance(item, (str, int, float)):
            texts.append(str(item))
        else:
            raise PolicyError("Syntax errors in policy.")
    return texts


# --- one value of the policy against one of the request --------------------------------------------------------------


def _string(*, wildcards: bool = False, ignore_case: bool = False) -> Callable[[str, bool], ValueTest]:
    return lambda text, variables: Pattern(text, wildcards=wildcards, variables=variables, ignore_case=ignore_case).matches


def _arn(text: str, variables: bool) -> ValueTest:
    """The six parts of an ARN are matched each by itself: a star does not reach over a colon, but in the last part."""
    patterns = [Pattern(part, variables=variables) for part in _arn_parts(text)]

    def test(value: str, lookup: Lookup) -> bool:
        parts = value.split(":", 5)
        return len(parts) == len(patterns) and all(
            pattern.matches(part, lookup) for pattern, part in zip(patterns, parts, strict=True)
        )

    return test


def _arn_parts(text: str) -> list[str]:
    """Split at colons that are not a variable's own (``${aws:username}``)."""
    return re.split(r":(?![^{}]*\})", text, maxsplit=5)


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None


def _date(text: str) -> float | None:
    """Seconds since the epoch, of an ISO 8601 date or of seconds."""
    number = _number(text)
    if number is not None:
        return number
    try:
        moment = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text.strip()))
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
    except (ValueError, OverflowError):
        return None


def _comparison(
    parse: Callable[[str], float | None], compare: Callable[[float, float], bool]
) -> Callable[[str, bool], ValueTest]:
    def make(text: str, variables: bool) -> ValueTest:
        wanted = parse(text)
        if wanted is None:
            raise PolicyError("Syntax errors in policy.", text)

        def test(value: str, lookup: Lookup) -> bool:
            found = parse(value)
            return found is not None and compare(found, wanted)

        return test

    return make


def _bool(text: str, variables: bool) -> ValueTest:
    expected = text.lower()
    return lambda value, lookup: value.lower() == expected


def _address(text: str, variables: bool) -> ValueTest:
    from ipaddress import ip_address, ip_network

    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise PolicyError("Syntax errors in policy.", text) from None

    def test(value: str, lookup: Lookup) -> bool:
        try:
            address = ip_address(value)
        except ValueError:
            return False
        return address.version == network.version and address in network

    return test


class _Operator(NamedTuple):
    make: Callable[[str, bool], ValueTest]
    """(value of the policy, whether variables count) -> its test."""
    negated: bool = False


_POSITIVE: dict[str, _Operator] = {
    "StringEquals": _Operator(_string()),
    "StringEqualsIgnoreCase": _Operator(_string(ignore_case=True)),
    "StringLike": _Operator(_string(wildcards=True)),
    "ArnEquals": _Operator(_arn),
    "ArnLike": _Operator(_arn),
    "BinaryEquals": _Operator(_string()),
    "Bool": _Operator(_bool),
    "IpAddress": _Operator(_address),
    "NumericEquals": _Operator(_comparison(_number, operator.eq)),
    "NumericLessThan": _Operator(_comparison(_number, operator.lt)),
    "NumericLessThanEquals": _Operator(_comparison(_number, operator.le)),
    "NumericGreaterThan": _Operator(_comparison(_number, operator.gt)),
    "NumericGreaterThanEquals": _Operator(_comparison(_number, operator.ge)),
    "DateEquals": _Operator(_comparison(_date, operator.eq)),
    "DateLessThan": _Operator(_comparison(_date, operator.lt)),
    "DateLessThanEquals": _Operator(_comparison(_date, operator.le)),
    "DateGreaterThan": _Operator(_comparison(_date, operator.gt)),
    "DateGreaterThanEquals": _Operator(_comparison(_date, operator.ge)),
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}
OPERATORS = {**_POSITIVE, **{name: _Operator(_POSITIVE[plain].make, True) for name, plain in _NEGATED.items()}}


# --- a condition -----------------------------------------------------------------------------------------------------


class Condition:
    """One key under one operator: ``{"StringLike": {"s3:prefix": ["a/*", "b/*"]}}``.

    ``key`` is normal (`normal_key`), ``values`` are the policy's, ``operator`` is the name without what stands around it.
    """

    __slots__ = ("_negated", "_tests", "if_exists", "key", "operator", "quantifier", "values")

    def __init__(self, operator_name: str, key: str, values: Sequence[str], *, variables: bool) -> None:
        name = operator_name
        self.quantifier = next((prefix for prefix in (_ALL, _ANY) if name.startswith(prefix)), "")
        name = name[len(self.quantifier) :]
        self.if_exists = name.endswith("IfExists")
        name = name.removesuffix("IfExists")
        self.operator, self.key, self.values = name, normal_key(key), list(values)
        if name == "Null" and not self.if_exists and not self.quantifier:
            self._negated, self._tests = False, []
            return
        if name not in OPERATORS:
            raise PolicyError(f"Invalid Condition type : {operator_name}")
        make, self._negated = OPERATORS[name]
        self._tests = [make(value, variables) for value in values]

    def is_met(self, lookup: Lookup) -> bool:
        """Whether the request is as the condition says.

        A key that the request lacks fails every operator but the negated ones, ``...IfExists`` and ``ForAllValues``.
        """
        values = lookup(self.key)
        if self.operator == "Null":
            return any((value.lower() == "true") == (values is None) for value in self.values)
        if values is None:
            if self.quantifier:
                return self.quantifier == _ALL
            return self._negated or self.if_exists
        if self.quantifier == _ALL:
            return all(self._matches(value, lookup) for value in values)
        if self.quantifier == _ANY or not self._negated:
            return any(self._matches(value, lookup) for value in values)
        return all(self._matches(value, lookup) for value in values)

    def _matches(self, value: str, lookup: Lookup) -> bool:
        return any(test(value, lookup) for test in self._tests) != self._negated


def compile_conditions(element: Any, *, variables: bool) -> tuple[Condition, ...]:
    """All conditions of a statement, every one of which must hold.

    Raises:
        PolicyError: unknown operators and keys, values of the wrong kind.
    """
    if not isinstance(element, Mapping):
        raise PolicyError("Syntax errors in policy.")
    conditions = []
    for operator_name, keys in element.items():
        if not isinstance(keys, Mapping):
            raise PolicyError("Syntax errors in policy.")
        for key, values in keys.items():
            if ":" not in key:
                raise PolicyError("Policy has an invalid condition key")
            conditions.append(Condition(operator_name, key, as_texts(values), variables=variables))
    return tuple(conditions)
