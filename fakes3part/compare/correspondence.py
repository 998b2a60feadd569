"""Which made-up value of the fake is which of the other S3: upload ids, version ids, tokens, owners, opaque ETags.

The service makes them, and later requests send them. They are learnt from responses to the same request, and from then on the two
are one value: another pairing is a difference.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from .answers import Answer
from .documents import Node, pairs, parse
from .volatile import FIXED_VALUES, ID_ELEMENT, MADE_ELEMENTS, MADE_HEADERS, UNORDERED_ELEMENTS, replace_tokens

Side: TypeAlias = Literal["fake", "real"]

_SHORTEST_ID = 16


class Correspondence:
    """Pairs of values: the fake's, and the other S3's ("real") that stands for it."""

    def __init__(self) -> None:
        self._real: dict[str, str] = {}
        self._fake: dict[str, str] = {}

    def add(self, fake: str, real: str) -> None:
        """Add a pair, unless one of the two has a partner already."""
        if fake not in self._real and real not in self._fake and not {fake, real} & FIXED_VALUES:
            self._real[fake] = real
            self._fake[real] = fake

    def values_of(self, side: Side) -> dict[str, str]:
        """Return the values by which a text of the other side becomes one of this side."""
        return self._real if side == "real" else self._fake

    def in_fake(self, text: str) -> str:
        """Return a text of the other S3 with the fake's values."""
        return replace_tokens(text, self._fake)

    def learn(self, fake: Answer, real: Answer) -> None:
        """Add the values in two responses to the same request. If one is an error and the other is not, they have none."""
        if (fake.status < 300) != (real.status < 300):
            return
        fake_headers, real_headers = fake.by_name(), real.by_name()
        for name in MADE_HEADERS & fake_headers.keys() & real_headers.keys():
            self.add(fake_headers[name], real_headers[name])
        fake_root, real_root = parse(fake.content.data or b""), parse(real.content.data or b"")
        if fake_root is not None and real_root is not None:
            self._learn_elements(fake_root, real_root)

    def _learn_elements(self, fake: Node, real: Node) -> None:
        for label, one, other in pairs(fake, real, UNORDERED_ELEMENTS):
            if one is None or other is None:
                continue
            name = label.partition("[")[0]
            if name in MADE_ELEMENTS or (name == ID_ELEMENT and min(len(one.text), len(other.text)) >= _SHORTEST_ID):
                self.add(one.text, other.text)
            self._learn_elements(one, other)

    def learn_etags(self, fake: Answer, real: Answer) -> None:
        """Add the ETags of two responses if they differ, so that later requests send the right one. Once, after comparing."""
        for one, other in zip(etags(fake), etags(real), strict=False):
            if one != other:
                self.add(one, other)


def etags(answer: Answer) -> list[str]:
    """Return the ETags in a response, unquoted: of the header, and of the element of a copy or a completed upload."""
    if answer.status >= 300:
        return []
    found = [answer.by_name().get("etag", "")]
    root = parse(answer.content.data or b"") if answer.content.size < 4096 else None
    found.append(root.find("ETag") or "" if root is not None else "")
    return [etag.strip('"') for etag in found]
