"""Fault injection: the effects that ``FakeS3.fail`` takes, the rules that apply them, pauses.

The effects are public: ``from fakes3part import faults``, then ``faults.Latency(0.5)``. They are imported at their first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .effect import Effect
    from .effect_json import effect_from_json
    from .effects import (
        Bandwidth,
        Corrupt,
        Duplicate,
        Error,
        ErrorIn200,
        Latency,
        Malformed,
        Refuse,
        Reorder,
        Reset,
        Stall,
        Truncate,
    )

__all__ = [
    "Bandwidth",
    "Corrupt",
    "Duplicate",
    "Effect",
    "Error",
    "ErrorIn200",
    "Latency",
    "Malformed",
    "Refuse",
    "Reorder",
    "Reset",
    "Stall",
    "Truncate",
    "effect_from_json",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import effect_json, effects

    value = globals()[name] = getattr(effects, name, None) or getattr(effect_json, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
