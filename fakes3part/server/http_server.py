"""A server in a thread of this process, for programs in any language and for clients that no interception reaches."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..backend import Backend
    from .cheroot_transport import Engine

ACCESS_KEY = "testing"
SECRET_KEY = "testing"

_LOOPBACK = frozenset({"127.0.0.1", "::1", "0.0.0.0", "::"})
_ANY_HOST = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class HttpServer:
    """HTTP in front of one fake, in a thread, from ``start()`` to ``stop()``, or as a context manager.

    Args:
        backend: the fake to serve.
        host: the address to listen on.
        port: 0 chooses a free one at each start.
    """

    def __init__(self, backend: Backend, host: str = "127.0.0.1", port: int = 0) -> None:
        self.backend = backend
        self.host = host
        self._asked_port = port
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Listen; when this returns, clients can connect. Raises OSError when the address is taken. Twice is once."""
        from .cheroot_transport import Engine

        with self._lock:
            if self._engine is None:
                engine = Engine(self.backend, self.host, self._asked_port)
                engine.prepare()
                self._thread = threading.Thread(target=engine.serve, name=f"fakes3part {self.host}", daemon=True)
                self._thread.start()
                self._engine = engine
        return self

    def stop(self) -> None:
        """Close every socket and end every thread of this server. Twice is once."""
        with self._lock:
            engine, self._engine = self._engine, None
            thread, self._thread = self._thread, None
        if engine is not None and thread is not None:
            engine.stop()
            thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port listened on; before the start, the one asked for."""
        engine = self._engine
        if engine is None:
            return self._asked_port
        port: int = engine.bind_addr[1]
        return port

    @property
    def url(self) -> str:
        """Where clients find it: what ``endpoint_url`` wants. Raises RuntimeError when it is not running."""
        if self._engine is None:
            raise RuntimeError("the server is not running: call start() first")
        host = _ANY_HOST.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def _named_url(self) -> str:
        """The same by name: SDKs put the account before the host of S3 Control, which no address can have."""
        return f"http://localhost:{self.port}" if self.host in _LOOPBACK else self.url

    @property
    def endpoint_url(self) -> str:
        """`url`, by the name that boto3 has for it."""
        return self.url

    def get_host_and_port(self) -> tuple[str, int]:
        """``(host, port)``, as moto's ThreadedMotoServer has it."""
        return self.host, self.port

    def environment(self) -> dict[str, str]:
        """The environment variables that send AWS's SDKs and the AWS CLI here."""
        region = self.backend.settings.region
        access_key, secret_key = ACCESS_KEY, SECRET_KEY
        if self.backend.settings.strict_credentials:  # made-up keys would be refused
            for principal in self.backend.accounts.principals:
                if principal.session_token is None:
                    access_key, secret_key = principal.access_key, principal.secret_key
                    break
        return {
            "AWS_ENDPOINT_URL_S3": self.url,
            "AWS_ENDPOINT_URL_S3_CONTROL": self._named_url,
            "AWS_ENDPOINT_URL_STS": self.url,
            "AWS_ENDPOINT_URL_KMS": self.url,
            "AWS_ACCESS_KEY_ID": access_key,
            "AWS_SECRET_ACCESS_KEY": secret_key,
            "AWS_DEFAULT_REGION": region,
            "AWS_REGION": region,
        }

    def __repr__(self) -> str:
        return f"<Server {self.url}>" if self._engine is not None else "<Server, stopped>"
