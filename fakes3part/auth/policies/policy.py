"""Parses policy documents: bucket policies (with principals) and identity policies (without).

Source: "IAM JSON policy element reference" in the IAM user guide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NoReturn

from ..callers import Caller
from .conditions import Condition, PolicyError, as_texts, compile_conditions
from .patterns import Lookup, Pattern
from .principals import PrincipalMatch, Principals

_LANGUAGE_VERSIONS = ("2012-10-17", "2008-10-17")
_FIELDS = frozenset({"Version", "Id", "Statement"})
_STATEMENT_FIELDS = frozenset(
    [
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ]
)
_ACTION = re.compile(r"\*|[a-z0-9-]+:[\w*?]+", re.IGNORECASE | re.ASCII)


def _element_texts(statement: Mapping[str, Any], field: str, message: str) -> list[str] | None:
    """Return the texts of an element; None: the statement does not have it."""
    if field not in statement:
        return None
    value = statement[field]
    texts = value if isinstance(value, list) else [value]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise PolicyError(message)
    return texts


class _PatternElement:
    """An ``Action`` or ``Resource`` element (one pattern must match), or (``negated``) ``NotAction`` or ``NotResource``."""

    __slots__ = ("negated", "patterns", "texts")

    def __init__(self, statement: Mapping[str, Any], field: str, message: str, compile_one: Callable[[str], Pattern]) -> None:
        texts, others = _element_texts(statement, field, message), _element_texts(statement, f"Not{field}", message)
        if texts is not None and others is not None:
            raise PolicyError("Syntax errors in policy.")
        if texts is None and others is None:
            raise PolicyError(f"Missing required field {field}")
        self.texts = texts or others or []
        self.negated = texts is None
        self.patterns = [compile_one(text) for text in self.texts]

    def matches(self, text: str, lookup: Lookup) -> bool:
        """Return whether the element includes an action or a resource."""
        return any(pattern.matches(text, lookup) for pattern in self.patterns) != self.negated


class Statement:
    """A statement of a policy.

    Attributes:
        raw: the parsed JSON.
        number: its position in the policy, from 1.
        principals: None: the policy is an identity policy.
    """

    __slots__ = ("actions", "conditions", "effect", "negated_principals", "number", "principals", "raw", "resources", "sid")

    def __init__(self, raw: Any, number: int, *, has_principals: bool, variables: bool) -> None:
        if not isinstance(raw, Mapping):
            raise PolicyError("Syntax errors in policy.")
        _check_fields(raw, _STATEMENT_FIELDS)
        self.raw: Mapping[str, Any] = raw
        self.number = number
        self.sid: str = _require_text(raw.get("Sid", ""))
        if "Effect" not in raw:
            raise PolicyError("Missing required field Effect")
        self.effect = raw["Effect"]
        if self.effect not in ("Allow", "Deny"):
            raise PolicyError(f"Invalid effect: {self.effect}")
        self.negated_principals = "NotPrincipal" in raw
        self.principals = _parse_principals(raw, has_principals)
        self.actions = _PatternElement(raw, "Action", "Policy has invalid action", _parse_action)
        self.resources = _PatternElement(
            raw, "Resource", "Policy has invalid resource", lambda text: Pattern(text, variables=variables)
        )
        self.conditions: tuple[Condition, ...] = compile_conditions(raw.get("Condition", {}), variables=variables)

    def match(self, caller: Caller, action: str, resource: str, lookup: Lookup) -> PrincipalMatch:
        """Return how the statement matches the caller, or ``""`` if it does not match the request."""
        principal_match = self._match_principal(caller)
        if not (principal_match and self.actions.matches(action, lookup) and self.resources.matches(resource, lookup)):
            return ""
        return principal_match if all(condition.is_met(lookup) for condition in self.conditions) else ""

    def _match_principal(self, caller: Caller) -> PrincipalMatch:
        if self.principals is None:
            return "direct"
        match = self.principals.match(caller)
        if not self.negated_principals:
            return match
        return "" if match else "direct"

    def __repr__(self) -> str:
        return f"statement {self.sid!r}" if self.sid else f"statement {self.number}"


def _parse_principals(raw: Mapping[str, Any], is_required: bool) -> Principals | None:
    fields = [field for field in ("Principal", "NotPrincipal") if field in raw]
    if not is_required:
        if fields:
            raise PolicyError(f"Unknown field {fields[0]}")
        return None
    if not fields:
        raise PolicyError("Missing required field Principal")
    if len(fields) > 1:
        raise PolicyError("Syntax errors in policy.")
    return Principals(raw[fields[0]])


def _parse_action(text: str) -> Pattern:
    if not _ACTION.fullmatch(text):
        raise PolicyError("Policy has invalid action")
    return Pattern(text, ignore_case=True)


def _require_text(value: Any) -> str:
    if not isinstance(value, str):
        raise PolicyError("Syntax errors in policy.")
    return value


def _check_fields(raw: Mapping[str, Any], allowed: frozenset[str]) -> None:
    for field in raw:
        if field not in allowed:
            raise PolicyError(f"Unknown field {field}")


class Policy:
    """A policy document.

    Raises:
        PolicyError: it is malformed.
    """

    __slots__ = ("statements",)

    def __init__(self, document: Any, *, has_principals: bool) -> None:
        if not isinstance(document, Mapping):
            raise PolicyError("Policies must be valid JSON and the first byte must be '{'")
        _check_fields(document, _FIELDS)
        version = document.get("Version", "2008-10-17")
        if version not in _LANGUAGE_VERSIONS:
            raise PolicyError("The policy must contain a valid version string")
        _require_text(document.get("Id", ""))
        if "Statement" not in document:
            raise PolicyError("Missing required field Statement")
        element = document["Statement"]
        statements = element if isinstance(element, list) else [element]
        if has_principals and statements in ([], [{}]):  # an identity policy may be empty
            raise PolicyError("Could not parse the policy: Statement is empty!")
        self.statements = tuple(
            Statement(raw, number, has_principals=has_principals, variables=version == "2012-10-17")
            for number, raw in enumerate(statements, 1)
        )


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(name)


@lru_cache(maxsize=1024)
def bucket_policy(text: str) -> Policy:
    """Parse a bucket policy. Buckets store the text; the cache makes that cheap.

    Raises:
        PolicyError: it is malformed, with AWS's message.
    """
    if not text.startswith("{"):
        raise PolicyError("Policies must be valid JSON and the first byte must be '{'")
    return Policy(_parse_json(text), has_principals=True)


@lru_cache(maxsize=1024)
def identity_policy(text: str) -> Policy:
    """Parse an identity policy or a session policy.

    Raises:
        PolicyError: it is malformed.
    """
    return Policy(_parse_json(text), has_principals=False)


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_reject_constant)
    except (ValueError, RecursionError):  # RecursionError: nested too deeply
        raise PolicyError("This policy contains invalid Json") from None


__all__ = ["Policy", "PolicyError", "Statement", "as_texts", "bucket_policy", "identity_policy"]
