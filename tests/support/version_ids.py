"""Version ids of which no version is there."""

from __future__ import annotations

from fakes3part.ids import Ids

GONE = Ids(1).version_id()
"""An id that a fake has given once: S3 takes it for the id of a version that was deleted."""

NEVER_GIVEN = "a" * 32
"""It has the form of a version id, but none that S3 gives."""
