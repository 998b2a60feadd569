"""Print the lowest versions of the dependencies that pyproject.toml allows, as pip takes them: ``boto3==1.36``."""

from __future__ import annotations

import re
from pathlib import Path

PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def lowest_versions() -> list[str]:
    """Return the requirements of the base install, with ``==`` for ``>=``. (tomllib needs Python 3.11.)"""
    dependencies = re.search(r"^dependencies = \[(.*?)^\]", PROJECT.read_text(), re.MULTILINE | re.DOTALL)
    assert dependencies is not None
    requirements = re.findall(r'^ *"([^";]+)",$', dependencies[1], re.MULTILINE)
    return [requirement.replace(">=", "==") for requirement in requirements]


if __name__ == "__main__":
    print(*lowest_versions())
