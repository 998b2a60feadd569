"""The CORS configuration of a bucket."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CorsRule:
    """A CORS rule, as it was put.

    Attributes:
        id: None: the rule has none.
        max_age: in seconds; None: the rule has none.
    """

    methods: tuple[str, ...]
    origins: tuple[str, ...]
    headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    id: str | None = None
    max_age: int | None = None


@dataclass(frozen=True, slots=True)
class Cors:
    """A CORS configuration: its rules, of which the first that matches counts."""

    rules: tuple[CorsRule, ...]
