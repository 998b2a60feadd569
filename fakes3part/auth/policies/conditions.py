"""Compiles and evaluates the ``Condition`` element of a policy statement.

Source: "IAM JSON policy elements: Condition operators" in the IAM user guide.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, NamedTuple, TypeAlias

from .patterns import Lookup, Pattern, normal_key

ValueTest: TypeAlias = Callable[[str, Lookup], bool]
"""Compares a value of the request with one value of the policy. `Lookup` gives the values of policy variables."""

_ALL, _ANY = "ForAllValues:", "ForAnyValue:"
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


class PolicyError(ValueError):
    """A malformed policy.

    Attributes:
        message: AWS's.
        detail: the text that is malformed; None: AWS's error does not quote it.
    """

    def __init__(self, message: str, detail: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail


def as_texts(value: Any) -> list[str]:
    """Convert one value of a policy, or a list of values, to texts: true to ``"true"``, a number to its digits.

    Raises:
        PolicyError: a value is an object, a list or null.
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


# --- operators -------------------------------------------------------------------------------------------------------


def _string(*, wildcards: bool = False, ignore_case: bool = False) -> Callable[[str, bool], ValueTest]:
    return lambda text, variables: Pattern(text, wildcards=wildcards, variables=variables, ignore_case=ignore_case).matches


def _arn(text: str, variables: bool) -> ValueTest:
    """Match each of the six parts of an ARN by itself: a wildcard matches no colon, except in the last part."""
    patterns = [Pattern(part, variables=variables) for part in _arn_parts(text)]

    def test(value: str, lookup: Lookup) -> bool:
        parts = value.split(":", 5)
        return len(parts) == len(patterns) and all(
            pattern.matches(part, lookup) for pattern, part in zip(patterns, parts, strict=True)
        )

    return test


def _arn_parts(text: str) -> list[str]:
    """Split at colons outside of policy variables (``${aws:username}``)."""
    return re.split(r":(?![^{}]*\})", text, maxsplit=5)


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None


def _date(text: str) -> float | None:
    """Convert an ISO 8601 date, or seconds since 1970, to seconds since 1970; None if it is malformed."""
    number = _number(text)
    if number is not None:
        return number
    try:
        date = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text.strip()))
        return (date if date.tzinfo else date.replace(tzinfo=timezone.utc)).timestamp()
    except (ValueError, OverflowError):
        return None


def _comparison(
    parse: Callable[[str], float | None], compare: Callable[[float, float], bool]
) -> Callable[[str, bool], ValueTest]:
    def make(text: str, variables: bool) -> ValueTest:
        expected = parse(text)
        if expected is None:
            raise PolicyError("Syntax errors in policy.", text)

        def test(value: str, lookup: Lookup) -> bool:
            actual = parse(value)
            return actual is not None and compare(actual, expected)

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
    """(value of the policy, whether it may have variables) -> its test."""
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


# --- conditions ------------------------------------------------------------------------------------------------------


class Condition:
    """A condition on one key by one operator: ``{"StringLike": {"s3:prefix": ["a/*", "b/*"]}}``.

    Attributes:
        operator: its name without ``ForAllValues:``, ``ForAnyValue:`` and ``IfExists``.
        key: the normalised key (`normal_key`).
        values: the values of the policy.
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
        """Return whether the request meets the condition.

        If the request does not have the key, only negated operators, ``...IfExists`` and ``ForAllValues`` are met.
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
    """Compile the conditions of a statement, all of which must be met.

    Raises:
        PolicyError: an operator, a key or a value is invalid.
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
