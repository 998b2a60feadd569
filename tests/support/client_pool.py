"""S3 clients that tests borrow: a new client takes as long as ten requests."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from botocore.credentials import Credentials


class ClientPool:
    """The clients of a test session, by their endpoints. A client is used by one borrower at a time, and signs for him.

    For clients that differ in nothing but credentials, and whose tests leave them as they are (without handlers of events).
    """

    def __init__(self, new_client: Callable[..., Any]) -> None:
        self._new_client = new_client
        self._free: dict[str | None, list[Any]] = {}

    @contextlib.contextmanager
    def borrow(self, endpoint_url: str | None, access_key: str, secret_key: str) -> Iterator[Any]:
        """Yield a client of an endpoint (None: AWS's) that signs with these credentials."""
        free = self._free.setdefault(endpoint_url, [])
        client = free.pop() if free else self._new_client(endpoint_url=endpoint_url)
        client._request_signer._credentials = Credentials(access_key, secret_key)
        yield client
        free.append(client)  # unless the test has failed: the client may be in any state then

    def close(self) -> None:
        """Close all clients."""
        for clients in self._free.values():
            for client in clients:
                client.close()
