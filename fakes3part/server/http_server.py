"""`HttpServer`: a fake behind HTTP, in a thread of this process, for clients that interception does not reach."""

from __future__ import annotations

import os
import threading
from types import TracebackType
from typing import TYPE_CHECKING
from weakref import WeakSet

from ..argument_checks import wrong
from ..auth.own_credentials import ACCESS_KEY, SECRET_KEY
from ..locks import new_lock
from .listen import check_port, listen_error

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..backend import Backend
    from .cheroot_transport import CherootServer
    from .responses import Observer
    from .tls import CertificateFiles, StrPath, Tls

_LOOPBACK = frozenset({"127.0.0.1", "::1", "0.0.0.0", "::"})
STOP_TIMEOUT = 5
_ANY_HOST = {"0.0.0.0": "127.0.0.1", "::": "::1"}

_running: WeakSet[HttpServer] = WeakSet()


class HttpServer:
    """Serves one fake over HTTP in a thread, from ``start()`` to ``stop()``, or as a context manager.

    Args:
        backend: the fake to serve.
        host: the address to listen on.
        port: 0 chooses a free one at each start.
        tls: whether to serve HTTPS, with a certificate that is made at each start (by the package trustme, an extra).
        cert: a PEM file of a certificate of your own, which implies ``tls``; None: make one.
        key: a PEM file of its key; None: it is in ``cert``.
        bound: the file descriptor of a socket that is bound already, for one start in place of ``host`` and ``port``; None:
            there is none.

    Attributes:
        observer: is shown every exchange, from the next start on; None: nobody observes.

    Raises:
        ValueError: host or port has the wrong form, a file cannot be used, or trustme is needed and not installed.
    """

    observer: Observer | None = None
    _keep_alive = True
    """Whether a connection stays open after a response, as S3's do."""

    _free_port = "Server(port=0)"
    """What a free port is asked for by, in the error for one that is in use."""

    def __init__(
        self,
        backend: Backend,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        tls: bool = False,
        cert: StrPath | None = None,
        key: StrPath | None = None,
        bound: int | None = None,
    ) -> None:
        if not isinstance(host, str):
            raise wrong("host", "the address to listen on, such as '127.0.0.1'", host)
        self._bound = bound
        self.backend = backend
        self.host = host
        self._has_tls = tls or cert is not None or key is not None
        self._certificate: CertificateFiles | None = None
        if self._has_tls:
            from .tls import check_files

            self._certificate = check_files(tls, cert, key)
        self._tls: Tls | None = None
        self._requested_port = check_port(port)
        self._lock = new_lock()
        self._cheroot: CherootServer | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Start listening; when this returns, clients can connect. Idempotent.

        Raises:
            OSError: it cannot listen there: the port is in use or needs privileges, or the host is none of this machine's.
        """
        from .cheroot_transport import CherootServer

        with self._lock:
            if self._cheroot is None:
                tls = self._open_tls()
                bound, self._bound = self._bound, None
                cheroot = CherootServer(
                    self.backend,
                    self.host,
                    self._requested_port,
                    tls,
                    bound=bound,
                    keep_alive=self._keep_alive,
                    observer=self.observer,
                )
                try:
                    cheroot.prepare()
                except BaseException as error:
                    if tls is not None:
                        tls.close()
                    if isinstance(error, OSError):
                        raise listen_error(error, self.host, self._requested_port, self._free_port) from None
                    raise
                self._tls = tls
                self._thread = threading.Thread(target=cheroot.serve, name=f"fakes3part {self.host}", daemon=True)
                self._thread.start()
                self.backend.server_hosts.add(self.host.lower())
                self._cheroot = cheroot
                _running.add(self)
        return self

    def _abandon(self) -> None:
        """Close the sockets in a forked child, in which this server is stopped."""
        if self._cheroot is not None:
            self._cheroot.abandon()
        self._cheroot = self._thread = self._tls = None

    def _open_tls(self) -> Tls | None:
        """Return the certificates of a start; None: the server speaks plain HTTP."""
        if not self._has_tls:
            return None
        from .tls import Tls

        return Tls(self._certificate)

    def stop(self, timeout: int = STOP_TIMEOUT) -> None:
        """Close every socket and end every thread of this server. Idempotent.

        Args:
            timeout: seconds after which a thread that still handles a request is left to end by itself.
        """
        with self._lock:
            cheroot, self._cheroot = self._cheroot, None
            thread, self._thread = self._thread, None
            tls, self._tls = self._tls, None
            _running.discard(self)
        if cheroot is not None and thread is not None:
            cheroot.shutdown_timeout = timeout
            cheroot.stop()
            thread.join(timeout)
        if tls is not None:
            tls.close()

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
        return f"{self._scheme}://[{host}]:{self.port}" if ":" in host else f"{self._scheme}://{host}:{self.port}"

    @property
    def _scheme(self) -> str:
        return "https" if self._has_tls else "http"

    @property
    def ca_file(self) -> str | None:
        """The PEM file by which clients trust the server (boto3's ``verify=``), until `stop`; None: there is no TLS.

        Of a certificate of your own it is ``cert``. Raises RuntimeError if the server is not running.
        """
        if self._cheroot is None:
            raise RuntimeError("the server is not running: call start() first")
        return None if self._tls is None else self._tls.ca_file

    @property
    def _url_by_name(self) -> str:
        """`url` with a host name: SDKs put the account before the host of S3 Control, which is impossible with an IP address."""
        return f"{self._scheme}://localhost:{self.port}" if self.host in _LOOPBACK else self.url

    @property
    def endpoint_url(self) -> str:
        """`url`, under boto3's name for it."""
        return self.url

    def get_host_and_port(self) -> tuple[str, int]:
        """Return ``(host, port)``, as moto's ThreadedMotoServer does."""
        return self.host, self.port

    def environment(self) -> dict[str, str]:
        """Return the environment variables that direct AWS's SDKs, the AWS CLI and libraries in C++ or Rust to this server."""
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
            **({"AWS_ALLOW_HTTP": "true"} if self._tls is None else self._tls.environment()),
        }

    def __repr__(self) -> str:
        return f"<Server {self.url}>" if self._cheroot is not None else "<Server, stopped>"


def _abandon_all() -> None:
    for server in tuple(_running):
        server._abandon()
    _running.clear()


if hasattr(os, "register_at_fork"):  # (Windows has no fork)
    os.register_at_fork(after_in_child=_abandon_all)
