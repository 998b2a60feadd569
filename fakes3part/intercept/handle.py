"""The call that every door makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import leniences

if TYPE_CHECKING:
    from ..backend import Backend
    from ..message import Request, Response


def handle(fake: Backend, request: Request) -> Response:
    """Let a fake handle a request of this process, and warn of the leniences that it used.

    Raises:
        LenientWarning: a filter for this category makes it an error.
    """
    response = fake.handle(request)
    if response.leniences:
        leniences.warn_caller(fake.warned_leniences, response.leniences, response.operation, request.path)
    return response
