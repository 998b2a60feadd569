"""Whether the installed botocore is older than the one that fakes3part was developed with.

An older model lacks members of outputs: they are left out, as its clients could not read them. In the newest one a member that is
missing is a mistake of ours.
"""

from __future__ import annotations

import re
from functools import cache

DEVELOPED_WITH = (1, 44, 8)


@cache
def is_older_model() -> bool:
    """Return whether the installed model may lack members that fakes3part knows."""
    import botocore

    numbers = re.findall(r"\d+", botocore.__version__)[:3]
    return tuple(map(int, numbers)) < DEVELOPED_WITH
