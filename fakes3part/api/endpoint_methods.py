"""The methods of `FakeS3` for other processes and for libraries that are not intercepted: its server, and how to reach it."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ..backend import Backend
from ..locks import new_rlock
from ..settings import Settings

if TYPE_CHECKING:
    from ..server.http_server import HttpServer


class EndpointMethods(Backend):
    """Methods of `FakeS3` for other processes and for libraries that are not intercepted."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._server: HttpServer | None = None
        self._server_lock = new_rlock()
        self._uses = 0

    @property
    def endpoint_url(self) -> str:
        """The URL of a server of this fake, on 127.0.0.1, for programs in any language.

        The server starts when this is first read, and stops with `close`, at the end of ``with fakes3``, or with the process.
        """
        return self._running_server().url

    def environment(self) -> Mapping[str, str]:
        """Return environment variables that direct AWS SDKs and the AWS CLI in other processes to `endpoint_url`.

        ``subprocess.run([...], env={**os.environ, **fakes3.environment()})``
        """
        return {
            **self._running_server().environment(),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",  # a value of true would make SDKs ignore the endpoint
        }

    def close(self) -> None:
        """Stop the server of `endpoint_url`. Idempotent; reading `endpoint_url` starts a new one."""
        with self._server_lock:
            server, self._server = self._server, None
        if server is not None:
            atexit.unregister(server.stop)
            server.stop()

    def _begin_use(self) -> None:
        """Count a user of this fake until `_end_use`; when the last one ends, so does the server."""
        with self._server_lock:
            self._uses += 1

    def _end_use(self) -> None:
        with self._server_lock:
            self._uses -= 1
            is_last = self._uses == 0
        if is_last:
            self.close()

    def _running_server(self) -> HttpServer:
        with self._server_lock:
            if self._server is None:
                from ..server.http_server import HttpServer

                self._server = HttpServer(self).start()
                atexit.register(self._server.stop)  # a forgotten server must not leave its socket to the garbage collector
            return self._server

    def serve_on(self, descriptor: int) -> Callable[[], None]:
        """Serve this fake over HTTP on a socket that listens, and return the function that stops it and closes the socket."""
        from ..server.http_server import HttpServer

        return HttpServer(self, bound=descriptor).start().stop
