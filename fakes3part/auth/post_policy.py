"""Parses and evaluates the POST policy of a form.

S3 checks the signature first (`post_form`), then the policy's syntax, its expiration, its conditions, fields that no condition
covers, and last the size of the file. Source: "POST Policy" in the S3 API reference; the errors of an expired policy and a failed
condition are recorded from AWS, February 2026.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, NoReturn

from ..errors import S3Error
from ..protocol.timestamps import parse_iso_date

Fields = Mapping[str, str]

EXEMPT_FIELDS = frozenset({"policy", "x-amz-signature", "file", "awsaccesskeyid", "signature"})
"""Fields that need no condition, as fields whose names start with ``x-ignore-``."""

_EXPIRATION = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z", re.ASCII)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_EXTRA_ESCAPES = {"$": "$", "v": "\\u000b"}
"""Escape sequences that S3 documents for policies and JSON does not have."""

_NUMBER = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_RANGE_OPERATOR = "content-length-range"
_MATCH_OPERATORS = ("eq", "starts-with")
_ONE_PROPERTY = "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified."


class PostPolicyCondition(NamedTuple):
    """A condition: its operator in lower case, its two arguments, and its parts as errors echo them."""

    operator: str
    first: Any
    second: Any
    echo: Sequence[str]


class PostPolicy(NamedTuple):
    """A parsed policy."""

    expiration: datetime
    conditions: Sequence[PostPolicyCondition]


class FormUpload(NamedTuple):
    """What a policy is evaluated against: the form's fields, with ``bucket`` added, and the size of the file in bytes."""

    fields: Fields
    size: int


# --- parsing ---------------------------------------------------------------------------------------------------------


def _invalid(text: str) -> S3Error:
    return S3Error("InvalidPolicyDocument", f"Invalid Policy: {text}")


def parse_post_policy(encoded: str) -> PostPolicy:
    """Parse the base64 of a policy.

    Raises:
        S3Error: InvalidPolicyDocument, for the first error in it.
    """
    document = _decode(encoded)
    for name in document:
        if name not in ("expiration", "conditions"):
            raise _invalid(f'Unexpected: "{name}"')
    if "expiration" not in document:
        raise _invalid("Policy missing expiration.")
    expiration = _parse_expiration(document["expiration"])
    if "conditions" not in document:
        raise _invalid("Policy missing conditions.")
    conditions = document["conditions"]
    if not isinstance(conditions, list):
        raise _invalid("Invalid 'conditions' value: must be a List.")
    return PostPolicy(expiration, [_parse_condition(condition) for condition in conditions])


def _decode(encoded: str) -> dict[str, Any]:
    try:
        raw = b64decode("".join(encoded.split()), validate=True)
    except (Base64Error, ValueError):
        raise _invalid("invalid Base64 encoding.") from None
    if not raw.strip():
        raise _invalid("Expecting '{' but found End-of-Input")
    try:
        document = json.loads(_ESCAPE.sub(_replace_escape, raw.decode()), parse_constant=_reject_constant)
    except (ValueError, RecursionError):
        raise _invalid("Invalid JSON.") from None
    if not isinstance(document, dict):
        raise _invalid("Invalid JSON.")
    return document


def _replace_escape(match: re.Match[str]) -> str:
    return _EXTRA_ESCAPES.get(match[1], match[0])


def _reject_constant(text: str) -> NoReturn:
    raise ValueError(text)


def _parse_expiration(value: Any) -> datetime:
    date = parse_iso_date(value) if isinstance(value, str) and _EXPIRATION.fullmatch(value) else None
    if date is None:
        raise _invalid(f"Invalid 'expiration' value: '{_as_text(value)}'")
    return date


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _parse_condition(raw: Any) -> PostPolicyCondition:
    if isinstance(raw, dict):
        return _parse_simple_condition(raw)
    if not isinstance(raw, list):
        raise _invalid(f"Invalid condition {_as_text(raw)}: must be a List or Object.")
    if not raw:
        raise _invalid("Invalid Condition: missing operation identifier.")
    operator = _as_text(raw[0])
    if operator.lower() not in (*_MATCH_OPERATORS, _RANGE_OPERATOR):
        raise _invalid(f"Invalid Condition: unknown operation '{operator}'.")
    if len(raw) != 3:
        raise _invalid(f"Invalid {operator}: wrong number of arguments.")
    return PostPolicyCondition(operator.lower(), raw[1], raw[2], [_as_text(value) for value in raw])


def _parse_simple_condition(raw: dict[str, Any]) -> PostPolicyCondition:
    if len(raw) != 1:
        raise _invalid(_ONE_PROPERTY)
    ((name, value),) = raw.items()
    if not isinstance(value, str):
        raise _invalid("Invalid Simple-Condition: value must be a string.")
    return PostPolicyCondition("eq", f"${name}", value, ("eq", f"${name}", value))


# --- evaluation ------------------------------------------------------------------------------------------------------


def check_post_policy(policy: PostPolicy, upload: FormUpload, now: datetime) -> None:
    """Raise unless the policy allows the upload.

    Raises:
        S3Error: AccessDenied, EntityTooLarge or EntityTooSmall.
    """
    if now >= policy.expiration:
        raise _denied("Policy expired.")
    for condition in policy.conditions:
        _check_condition(condition, upload.fields)
    covered = {_field_name(condition) for condition in policy.conditions if condition.operator in _MATCH_OPERATORS}
    extra = [name for name in upload.fields if name not in covered | EXEMPT_FIELDS and not name.startswith("x-ignore-")]
    if extra:
        raise _denied(f"Extra input fields: {', '.join(extra)}")
    for condition in policy.conditions:
        if condition.operator == _RANGE_OPERATOR:
            _check_size(condition, upload.size)


def _denied(detail: str) -> S3Error:
    return S3Error("AccessDenied", f"Invalid according to Policy: {detail}")


def _condition_failed(condition: PostPolicyCondition) -> S3Error:
    return _denied(f"Policy Condition failed: {json.dumps(list(condition.echo), ensure_ascii=False)}")


def _field_name(condition: PostPolicyCondition) -> str | None:
    """Return the field that the condition is about; None if its first argument does not start with ``$``."""
    first = condition.first
    return first[1:].lower() if isinstance(first, str) and first.startswith("$") else None


def _check_condition(condition: PostPolicyCondition, fields: Fields) -> None:
    if condition.operator == _RANGE_OPERATOR:
        if _bounds(condition) is None:
            raise _condition_failed(condition)
        return
    name, required = _field_name(condition), condition.second
    value = fields.get(name) if name is not None else None
    if value is None or not isinstance(required, str) or not _matches(condition.operator, name, value, required):
        raise _condition_failed(condition)


def _matches(operator: str, name: str | None, value: str, required: str) -> bool:
    if operator == "eq":
        return value == required
    if name == "content-type" and "," in value:  # "POST Policy": every item of a list must match
        return all(item.strip().startswith(required) for item in value.split(","))
    return value.startswith(required)


def _number(value: Any) -> int | None:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _bounds(condition: PostPolicyCondition) -> tuple[int, int] | None:
    """Return the smallest and the largest allowed size in bytes; None if one of the arguments is not an integer."""
    minimum, maximum = _number(condition.first), _number(condition.second)
    return None if minimum is None or maximum is None else (minimum, maximum)


def _check_size(condition: PostPolicyCondition, size: int) -> None:
    bounds = _bounds(condition)
    if bounds is None:
        raise _condition_failed(condition)
    minimum, maximum = bounds
    if size > maximum:
        raise S3Error("EntityTooLarge", ProposedSize=size, MaxSizeAllowed=maximum)
    if size < minimum:
        raise S3Error("EntityTooSmall", ProposedSize=size, MinSizeAllowed=minimum)
