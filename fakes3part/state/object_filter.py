"""The filter of an analytics, metrics or Intelligent-Tiering configuration: the objects that it is about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ObjectFilter:
    """A filter, as it was put. An object has to meet all its conditions.

    Attributes:
        prefix: of the keys; None: any key.
        tags: key and value of the tags that an object must have.
        access_point: the ARN of the access point that a request must have come through (metrics only); None: any way.
        is_and: the document had the conditions in an ``And`` element.
    """

    prefix: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    access_point: str | None = None
    is_and: bool = False
