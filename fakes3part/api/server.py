"""`Server`: a fake behind HTTP, in a thread of this process; and `ThreadedMotoServer`, the same in the shape of moto's class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..argument_checks import wrong
from ..server.http_server import STOP_TIMEOUT, HttpServer
from ..server.listen import check_port
from ..settings import lenient_by_default
from ..text import whole_number
from .fakes3 import FakeS3

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from ..server.tls import StrPath
    from ..settings import SettingsKwargs


class Server(HttpServer):
    """HTTP in front of a `FakeS3`, from ``start()`` to ``stop()``, or as a context manager::

        with Server() as server:
            boto3.client("s3", endpoint_url=server.url, ...)

    Args:
        fake: the fake to serve; None: a new `FakeS3` made from ``settings``.
        host: the address to listen on.
        port: 0 chooses a free one at each start.
        tls: whether to serve HTTPS, with a certificate that is made at each start (extra ``tls``). It is valid for ``localhost``
            and every host that a client names. ``ca_file`` and ``environment()`` say by which file clients trust it.
        cert: a PEM file of a certificate of your own, which implies ``tls``; None: make one.
        key: a PEM file of its key; None: it is in ``cert``.
        settings: keyword arguments of `Settings`, when no fake is given.

    Raises:
        TypeError: settings beside a fake, which has its own.
        ValueError: a file of the certificate cannot be used, the package for ``tls`` is not installed, or the port is not a
            whole number, 0 to 65535.

    Any number of servers may run side by side, also over the same fake. A stopped server may be started again.
    """

    _has_clients_here = True
    """Whether clients of this process may use the server."""

    def __init__(
        self,
        fake: FakeS3 | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        tls: bool = False,
        cert: StrPath | None = None,
        key: StrPath | None = None,
        **settings: Unpack[SettingsKwargs],
    ) -> None:
        if fake is not None and settings:
            raise TypeError(f"settings belong to the fake that was given: {', '.join(settings)}")
        if fake is not None and not hasattr(fake, "handle"):
            raise wrong("fake", "a FakeS3; the address is host=, the port is port=", fake)
        self.fake = FakeS3(**settings) if fake is None else fake
        super().__init__(self.fake, host, port, tls=tls, cert=cert, key=key)

    def start(self) -> Self:
        """Start listening; when this returns, clients can connect. Idempotent.

        Clients that botocore makes in this process share their set-up until `stop` (the setting ``share_models``).

        Raises:
            OSError: it cannot listen there: the port is in use or needs privileges, or the host is none of this machine's.
        """
        super().start()
        if self._has_clients_here:
            from ..intercept.activation import begin_serving  # 10 ms, which a process that only serves does not need

            try:
                begin_serving(self, self.fake)
            except BaseException:
                super().stop()
                raise
        return self

    def stop(self, timeout: int = STOP_TIMEOUT) -> None:
        """Close every socket and end every thread of this server. Idempotent.

        Args:
            timeout: seconds after which a thread that still handles a request is left to end by itself.
        """
        has_clients_here = self.is_running and self._has_clients_here
        try:
            super().stop(timeout)
        finally:
            if has_clients_here:
                from ..intercept.activation import end_serving

                end_serving(self)


class ThreadedMotoServer(Server):
    """A `Server` in the shape of moto's class of this name, for test suites that come from moto::

        server = ThreadedMotoServer(port=0)
        server.start()
        host, port = server.get_host_and_port()
        boto3.client("s3", endpoint_url=f"http://{host}:{port}", ...)
        server.stop()

    It is lenient: it accepts what S3 once accepted, such as old bucket names and ACLs, and reports each use in a response header
    (`fakes3part.leniences`). ``lenient=False`` or ``FAKES3PART_LENIENT=false`` makes it as strict as `Server`.

    Each server has a fake of its own (``server.fake``), whose state lasts until it is reset, beyond ``stop()`` and ``start()``.
    (moto's servers share one state with each other, and with ``mock_aws`` in the same process.)

    As moto's, it closes each connection after the response. S3 and `Server` keep connections open, so a client that is never
    closed causes a ``ResourceWarning`` with them, which fails a suite whose ``filterwarnings`` is ``error``.

    Args:
        ip_address: the address to listen on. moto's default is ``0.0.0.0``, all addresses of the machine.
        port: 0 chooses a free one at each start. The default is moto's, which suites write into their endpoint URLs. A string of
            digits will do.
        verbose: whether to print the URL at the start.
        tls, cert, key: as of `Server`.
        settings: keyword arguments of `Settings`.
    """

    _keep_alive = False
    _free_port = "ThreadedMotoServer(port=0)"

    def __init__(
        self,
        ip_address: str = "127.0.0.1",
        port: int | str = 5000,
        verbose: bool = True,
        *,
        tls: bool = False,
        cert: StrPath | None = None,
        key: StrPath | None = None,
        **settings: Unpack[SettingsKwargs],
    ) -> None:
        number = whole_number(port.strip()) if isinstance(port, str) else port
        port = port if number is None else number
        super().__init__(host=ip_address, port=check_port(port), tls=tls, cert=cert, key=key, **lenient_by_default(settings))
        self._verbose = verbose

    def start(self) -> Self:
        """Start listening; when this returns, clients can connect. Idempotent.

        Raises:
            OSError: it cannot listen there, as of `Server`.
        """
        was_running = self.is_running
        super().start()
        if self._verbose and not was_running:
            print(f"fakes3part serves S3 at {self.url}")
        return self

    def get_host_and_port(self) -> tuple[str, int]:
        """Return ``(host, port)``.

        Raises:
            RuntimeError: the server is not running.
        """
        if not self.is_running:
            raise RuntimeError("the server is not running: call start() first")
        return super().get_host_and_port()
