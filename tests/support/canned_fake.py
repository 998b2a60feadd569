"""A fake that records requests and returns a fixed response."""

from __future__ import annotations

from typing import Any

from fakes3part.api.fakes3 import FakeS3
from fakes3part.message import Request, Response, Segments


class Canned(FakeS3):
    def __init__(
        self, body: Segments = (), status: int = 200, headers: list[tuple[str, str]] | None = None, **settings: Any
    ) -> None:
        super().__init__(**settings)
        self.requests: list[Request] = []
        self.body = body
        self.status = status
        self.headers = [("ETag", '"e"')] if headers is None else headers

    def handle(self, request: Request) -> Response:
        self.requests.append(request)
        return Response(self.status, list(self.headers), self.body)

    @property
    def request(self) -> Request:
        """The latest request."""
        return self.requests[-1]
