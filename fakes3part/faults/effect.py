"""The base class of all fault effects."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from random import Random

    from ..message import Delivery, Response
    from ..protocol.model import Operation


@dataclass(frozen=True)
class Effect:
    """What goes wrong in a call. Effects are immutable and comparable; one effect can be used in any number of rules.

    A subclass overrides the methods for the moments at which it does something. Nothing else needs to know about it.

    Attributes:
        name: the effect's name in JSON: the class's name in snake case.
        requirement: which operations the effect applies to, as the end of an error text; empty if it applies to all.
        only_delays: whether the effect only takes time. Any number of such effects, and one other, are injected into a call.
        repeats_request: whether the operation is performed twice, and the first response dropped. (A notification: twice.)
        applies_to_notifications: whether the effect can be injected into event notifications.
        reorders: whether a notification is held back until the next one to its destination was delivered.
    """

    name: ClassVar[str] = ""
    requirement: ClassVar[str] = ""
    only_delays: ClassVar[bool] = False
    repeats_request: ClassVar[bool] = False
    applies_to_notifications: ClassVar[bool] = False
    reorders: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        cls.name = re.sub(r"(?<!^)(?=[A-Z]|(?<=\D)\d)", "_", cls.__name__).lower()

    @property
    def label(self) -> str:
        """The effect in the journal: its name, with its main field if that matters."""
        return self.name

    def applies_to(self, operation: Operation) -> bool:
        """Return whether the effect can be injected into calls of this operation."""
        return True

    def latency(self, random: Random) -> float:
        """Return the seconds by which one call is delayed; ``random`` is the rule's generator."""
        return 0.0

    @property
    def bandwidth(self) -> float | None:
        """Bytes of a body per second; None: unlimited."""
        return None

    def before(self, operation: Operation) -> bool:
        """Act before the operation. Return False if the request does not arrive, so that the operation is not performed.

        Raises:
            S3Error: the response, in place of the operation's.
        """
        return True

    def deliver(self, response: Response) -> Delivery | None:
        """Act on the finished response, whose body and headers may be changed.

        Returns:
            how much of the response is delivered, and how the connection ends; None: the response is delivered normally.
        """
        return None

    def notification_failure(self) -> str | None:
        """Return why a notification does not reach its destination; None: it does."""
        return None

    def to_json(self) -> dict[str, Any]:
        """Return ``{"effect": name, **fields}``, without fields that are None by default."""
        document: dict[str, Any] = {"effect": self.name}
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None or field.default is not None:
                document[field.name] = list(value) if isinstance(value, tuple) else value
        return document
