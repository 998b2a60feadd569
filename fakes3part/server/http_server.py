"""`HttpServer`: a fake behind HTTP, in a thread of this process, for clients that interception does not reach."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..backend import Backend
    from .cheroot_transport import CherootServer

ACCESS_KEY = "testing"
SECRET_KEY = "testing"

_LOOPBACK = frozenset({"127.0.0.1", "::1", "0.0.0.0", "::"})
_ANY_HOST = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class HttpServer:
    """Serves one fake over HTTP in a thread, from ``start()`` to ``stop()``, or as a context manager.

    Args:
        backend: the fake to serve.
        host: the address to listen on.
        port: 0 chooses a free one at each start.
    """

    _keep_alive = True
    """Whether a connection stays open after a response, as S3's do."""

    def __init__(self, backend: Backend, host: str = "127.0.0.1", port: int = 0) -> None:
        self.backend = backend
        self.host = host
        self._requested_port = port
        self._lock = threading.Lock()
        self._cheroot: CherootServer | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Start listening; when this returns, clients can connect. Idempotent.

        Raises:
            OSError: the address is in use.
        """
        from .cheroot_transport import CherootServer

        with self._lock:
            if self._cheroot is None:
                cheroot = CherootServer(self.backend, self.host, self._requested_port, keep_alive=self._keep_alive)
                cheroot.prepare()
                self._thread = threading.Thread(target=cheroot.serve, name=f"fakes3part {self.host}", daemon=True)
                self._thread.start()
                self._cheroot = cheroot
        return self

    def stop(self) -> None:
        """Close every socket and end every thread of this server. Idempotent."""
        with self._lock:
            cheroot, self._cheroot = self._cheroot, None
            thread, self._thread = self._thread, None
        if cheroot is not None and thread is not None:
            cheroot.stop()
            thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    @property
    def is_running(self) -> bool:
        """Whether the server listens: from `start` to `stop`."""
        return self._cheroot is not None

    @property
    def port(self) -> int:
        """The port that the server listens on; before `start`, the requested one."""
        cheroot = self._cheroot
        if cheroot is None:
            return self._requested_port
        port: int = cheroot.bind_addr[1]
        return port

    @property
    def url(self) -> str:
        """The URL of the server, for ``endpoint_url``. Raises RuntimeError if the server is not running."""
        if self._cheroot is None:
            raise RuntimeError("the server is not running: call start() first")
        host = _ANY_HOST.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def _url_by_name(self) -> str:
        """`url` with a host name: SDKs put the account before the host of S3 Control, which is impossible with an IP address."""
        return f"http://localhost:{self.port}" if self.host in _LOOPBACK else self.url

    @property
    def endpoint_url(self) -> str:
        """`url`, under boto3's name for it."""
        return self.url

    def get_host_and_port(self) -> tuple[str, int]:
        """Return ``(host, port)``, as moto's ThreadedMotoServer does."""
        return self.host, self.port

    def environment(self) -> dict[str, str]:
        """Return the environment variables that direct AWS's SDKs and the AWS CLI to this server."""
        region = self.backend.settings.region
        access_key, secret_key = ACCESS_KEY, SECRET_KEY
        if self.backend.settings.strict_credentials:  # unknown access keys are rejected
            for principal in self.backend.accounts.principals:
                if principal.session_token is None:
                    access_key, secret_key = principal.access_key, principal.secret_key
                    break
        return {
            "AWS_ENDPOINT_URL_S3": self.url,
            "AWS_ENDPOINT_URL_S3_CONTROL": self._url_by_name,
            "AWS_ENDPOINT_URL_STS": self.url,
            "AWS_ENDPOINT_URL_KMS": self.url,
            "AWS_ACCESS_KEY_ID": access_key,
            "AWS_SECRET_ACCESS_KEY": secret_key,
            "AWS_DEFAULT_REGION": region,
            "AWS_REGION": region,
        }

    def __repr__(self) -> str:
        return f"<Server {self.url}>" if self._cheroot is not None else "<Server, stopped>"
