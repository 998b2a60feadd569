"""The names of a test's buckets at another S3, where names are everybody's: each one has a random token of the run."""

from __future__ import annotations

from hashlib import sha256
from secrets import token_hex

from ..rules.names import is_bucket_name, is_legacy_bucket_name

_MAX = 63


def new_token() -> str:
    """Return a token that no other run has: ``f3c`` and 10 hexadecimal digits."""
    return f"f3c{token_hex(5)}"


class BucketNames:
    """The names of one set of buckets: what the fake calls them, and what they are called at the target.

    Args:
        token: begins each name at the target.
    """

    def __init__(self, token: str) -> None:
        self.token = token
        self._at_target: dict[str, str] = {}
        self._in_fake: dict[str, str] = {}

    def at_target(self, name: str) -> str | None:
        """Return the name at the target; None: no name with the token follows and breaks the same naming rules."""
        known = self._at_target.get(name)
        if known is None:
            known = self._make(name)
            if known is not None:
                self._at_target[name] = known
                self._in_fake[known] = name
        return known

    def _make(self, name: str) -> str | None:
        made = f"{self.token}-{name}"
        if len(made) > _MAX and is_bucket_name(name):
            made = f"{made[: _MAX - 9]}-{sha256(name.encode()).hexdigest()[:8]}"
        same_rules = is_bucket_name(made) == is_bucket_name(name) and is_legacy_bucket_name(made) == is_legacy_bucket_name(name)
        return made if same_rules else None

    def is_own(self, name: str) -> bool:
        """Return whether a name at the target has the token."""
        return name.startswith(f"{self.token}-")

    def in_fake(self, text: str) -> str:
        """Return a text of the target with the fake's names in place of the target's."""
        if self.token not in text:
            return text
        for made in sorted(self._in_fake, key=len, reverse=True):
            text = text.replace(made, self._in_fake[made])
        return text
