"""The table of S3's errors: code -> (status, text). The texts are AWS's, word for word with their oddities, from recordings
where there are any; those of S3 Select are from "List of SELECT Object Content Error Codes" in the Amazon S3 API Reference.
"""

from __future__ import annotations

from .configurations import CONFIGURATIONS
from .general import GENERAL
from .select import SELECT

ERRORS: dict[str, tuple[int, str]] = {**GENERAL, **SELECT, **CONFIGURATIONS}

assert len(ERRORS) == len(GENERAL) + len(SELECT) + len(CONFIGURATIONS), "a code is in two tables, so one text would be lost"
