"""The environment of processes that `multiprocessing` starts by "spawn" or "forkserver".

The fork server is a process that lives on: the environment of its children is that of the test that needed it first. So each
child is sent the variables of the moment, with the data that multiprocessing sends it before it imports the program.
"""

from __future__ import annotations

import sys
from typing import Any

from . import children, environment
from .patch import Function, Patch

_KEY = "fakes3part"
"""A key of the preparation data, which multiprocessing does not look at. Its value acts when it is unpickled."""


class _SetVariables:
    """Sets environment variables where it is unpickled, with builtins only: the child cannot import fakes3part yet."""

    def __init__(self, variables: dict[str, str | None]) -> None:
        self._variables = variables

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        set_values = {name: value for name, value in self._variables.items() if value is not None}
        removed = [name for name, value in self._variables.items() if value is None]
        return exec, (f"import os; os.environ.update({set_values!r}); [os.environ.pop(name, None) for name in {removed!r}]",)


def patches() -> list[Patch]:
    """Return the patch of the function that collects the data for a child; none while it is still being imported."""
    module = sys.modules.get("multiprocessing.spawn")
    return [Patch(module, "get_preparation_data", _with_variables)] if hasattr(module, "get_preparation_data") else []


def _with_variables(original: Function) -> Function:
    def get_preparation_data(name: str) -> dict[str, Any]:
        children.listen()
        data: dict[str, Any] = original(name)
        variables = {**environment.current(), **children.variables()}
        return {**data, _KEY: _SetVariables(variables)} if children.variables() else data

    return get_preparation_data
