"""What a bucket's website configuration says. (What it means to who looks at the site: `fakes3part.website`.)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where to, in parts; None: as it was asked for. ``code`` is the status as it was put: a text."""

    host: str | None = None
    code: str | None = None
    protocol: str | None = None
    prefix: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """A redirect and when: for keys with this prefix, and when this error would be answered. ``None``: whatever it is."""

    redirect: Redirect
    prefix: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Website:
    """A site: either everything is redirected, or there is an index document."""

    index: str | None = None
    error: str | None = None
    redirect_all: Redirect | None = None
    rules: Sequence[RoutingRule] | None = None
