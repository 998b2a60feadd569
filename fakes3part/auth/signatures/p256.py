"""ECDSA on the curve P-256, for SigV4A: public keys, which awscrt cannot derive, and signatures where awscrt is not installed.

It is not constant-time, which keys of tests do not need. Verifying a signature takes ten times as long as awscrt.
"""

from __future__ import annotations

from hashlib import sha256

P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The prime of the coordinates, and the order of the group."""

_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)

_PUBLIC_KEY_INFO = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
"""What precedes the coordinates in a public key's DER."""

Point = tuple[int, int]
_Jacobian = tuple[int, int, int]
_INFINITY: _Jacobian = (1, 1, 0)


def _double(point: _Jacobian) -> _Jacobian:
    x, y, z = point
    if not z:
        return _INFINITY
    zz, yy = z * z % P, y * y % P
    s = 4 * x * yy % P
    m = 3 * (x - zz) * (x + zz) % P  # the curve's a is -3
    x3 = (m * m - 2 * s) % P
    return x3, (m * (s - x3) - 8 * yy * yy) % P, 2 * y * z % P


def _add(first: _Jacobian, second: _Jacobian) -> _Jacobian:
    x1, y1, z1 = first
    x2, y2, z2 = second
    if not z1:
        return second
    if not z2:
        return first
    zz1, zz2 = z1 * z1 % P, z2 * z2 % P
    u1, u2 = x1 * zz2 % P, x2 * zz1 % P
    s1, s2 = y1 * zz2 * z2 % P, y2 * zz1 * z1 % P
    if u1 == u2:
        return _double(first) if s1 == s2 else _INFINITY
    h, r = (u2 - u1) % P, (s2 - s1) % P
    hh = h * h % P
    hhh, v = h * hh % P, u1 * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - s1 * hhh) % P, h * z1 * z2 % P


def _multiply_and_add(first: int, second: int, point: _Jacobian) -> _Jacobian:
    """Return ``first`` times the base point plus ``second`` times ``point`` (Shamir's trick)."""
    base = (*_G, 1)
    sum_of_points = _add(base, point)
    result = _INFINITY
    for bit in range(max(first.bit_length(), second.bit_length()) - 1, -1, -1):
        result = _double(result)
        first_bit, second_bit = first >> bit & 1, second >> bit & 1
        if first_bit or second_bit:
            result = _add(result, sum_of_points if first_bit and second_bit else base if first_bit else point)
    return result


def public_key(private: int) -> Point:
    """Return the public key of a private key, which is from 1 to N - 1."""
    x, y, z = _multiply_and_add(private, 0, _INFINITY)
    inverse = pow(z, -1, P)
    return x * inverse**2 % P, y * inverse**3 % P


def encode_public_key(key: Point) -> bytes:
    """Return a public key in DER (SubjectPublicKeyInfo, RFC 5480)."""
    return _PUBLIC_KEY_INFO + key[0].to_bytes(32, "big") + key[1].to_bytes(32, "big")


def decode_der(signature: bytes) -> tuple[int, int] | None:
    """Decode the two integers of a signature in DER; None if it is malformed."""
    if len(signature) < 8 or signature[0] != 0x30 or signature[1] != len(signature) - 2:
        return None
    numbers, rest = [], signature[2:]
    while rest:
        if len(rest) < 3 or rest[0] != 0x02 or not 0 < rest[1] <= len(rest) - 2:
            return None
        numbers.append(int.from_bytes(rest[2 : 2 + rest[1]], "big", signed=True))
        rest = rest[2 + rest[1] :]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else None


def is_valid(key: Point, message: bytes, signature: bytes) -> bool:
    """Return whether ``signature`` (DER) is the key's signature of the message's SHA-256."""
    numbers = decode_der(signature)
    if numbers is None or not all(0 < number < N for number in numbers):
        return False
    r, s = numbers
    inverse = pow(s, -1, N)
    x, _, z = _multiply_and_add(int.from_bytes(sha256(message).digest(), "big") * inverse % N, r * inverse % N, (*key, 1))
    return bool(z) and x * pow(z, -2, P) % P % N == r
