"""CRCs in plain Python, for where no library can be imported: some 10 MB a second.

All are reflected, with all bits set at the start, and inverted at the end, as those of the Rocksoft model.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from ..message import Buffer


class _Polynomial(NamedTuple):
    """A reflected polynomial of so many bits."""

    value: int
    bits: int


_POLYNOMIALS = {
    "CRC32": _Polynomial(0xEDB88320, 32),
    "CRC32C": _Polynomial(0x82F63B78, 32),
    "CRC64NVME": _Polynomial(0x9A6C9329AC4BC9B5, 64),
}


def python_crc(name: str) -> tuple[Callable[[Buffer, int], int], Callable[[int, int, int], int]]:
    """Return ``update(segment, value so far)`` and ``combine(first, second, length of the second)`` of a CRC."""
    polynomial = _POLYNOMIALS[name]
    mask = (1 << polynomial.bits) - 1

    def update(segment: Buffer, value: int) -> int:
        table = _table(name)
        value ^= mask
        for byte in bytes(segment):
            value = table[(value ^ byte) & 0xFF] ^ (value >> 8)
        return value ^ mask

    def combine(first: int, second: int, length: int) -> int:
        return _multiply(first, _power_of_x(8 * length, polynomial), polynomial) ^ second

    return (zlib.crc32 if name == "CRC32" else update), combine


@cache
def _table(name: str) -> list[int]:
    """Return the CRC of each byte."""
    polynomial = _POLYNOMIALS[name]
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (polynomial.value if value & 1 else 0)
        table.append(value)
    return table


def _multiply(first: int, second: int, polynomial: _Polynomial) -> int:
    """Return the product of two polynomials modulo a third. The highest bit is the coefficient of 1."""
    product = 0
    bit = 1 << (polynomial.bits - 1)
    while bit:
        if first & bit:
            product ^= second
        second = (second >> 1) ^ (polynomial.value if second & 1 else 0)
        bit >>= 1
    return product


def _power_of_x(exponent: int, polynomial: _Polynomial) -> int:
    """Return x to a power modulo a polynomial: what so many zero bits do to a CRC."""
    result = 1 << (polynomial.bits - 1)
    square = 1 << (polynomial.bits - 2)
    while exponent:
        if exponent & 1:
            result = _multiply(result, square, polynomial)
        square = _multiply(square, square, polynomial)
        exponent >>= 1
    return result
