"""Fault injection: the effects that ``FakeS3.fail`` takes, the rules that apply them, pauses.

The effects are public: ``from fakes3part import faults``, then ``faults.Latency(0.5)``.
"""

from .effect import Effect
from .effect_json import effect_from_json
from .effects import Bandwidth, Corrupt, Duplicate, Error, ErrorIn200, Latency, Malformed, Refuse, Reorder, Reset, Stall, Truncate

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
