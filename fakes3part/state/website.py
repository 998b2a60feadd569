"""The website configuration of a bucket. (Website endpoints: `fakes3part.website`.)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Redirect:
    """A redirect, part by part; None: that part of the request's URL stays. ``code`` is the HTTP status, as text."""

    host: str | None = None
    code: str | None = None
    protocol: str | None = None
    prefix: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """A routing rule: a redirect and its condition.

    Attributes:
        prefix: of the requested key; None: any key.
        error: the HTTP status of the error that would be returned, as text; None: the rule applies without an error.
    """

    redirect: Redirect
    prefix: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Website:
    """A website configuration: either all requests are redirected, or there is an index document.

    Attributes:
        index: the suffix of the index document; None: ``redirect_all`` is set.
        error: the key of the error document; None: there is none.
        redirect_all: None: there is an index document.
        rules: None: the document had no RoutingRules.
    """

    index: str | None = None
    error: str | None = None
    redirect_all: Redirect | None = None
    rules: Sequence[RoutingRule] | None = None
