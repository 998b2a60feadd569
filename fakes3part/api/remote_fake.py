"""`RemoteFake`: the fake of a running server, for decorated tests in moto's ``TEST_SERVER_MODE``."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from ..auth.own_credentials import ACCESS_KEY, SECRET_KEY
from ..control.guard import TOKEN_HEADER
from ..leniences import HEADER as LENIENT_HEADER
from ..leniences import LENIENCES
from ..locks import new_lock
from ..message import Request, Response
from ..protocol.aws_chunked import add_framing
from ..state.snapshot import Snapshot
from ..state.store import Store
from .fakes3 import FakeS3
from .state_attributes import STATE_ATTRIBUTES

ENDPOINT_VARIABLE = "AWS_ENDPOINT_URL_S3"
TIMEOUT = 60
"""Seconds."""

_HOP_BY_HOP = frozenset({"connection", "content-length", "expect", "keep-alive", "transfer-encoding"})
_PROBLEM = "TEST_SERVER_MODE is set, but the server at {url} {problem}"


class RemoteFake(FakeS3):
    """A fake that passes every request to a server of fakes3part (or moto). Its state, calls and faults are in the server.

    Args:
        url: the server's.
    """

    is_remote = True
    has_state = False

    def __init__(self, url: str) -> None:
        super().__init__(seed=None)
        self.url = self.remote_url = url.rstrip("/")
        self._snapshots = 0
        self._lock = new_lock()
        self._entered = 0

    def __getattribute__(self, name: str) -> Any:
        if name in STATE_ATTRIBUTES and (url := object.__getattribute__(self, "__dict__").get("url")):  # else in __init__
            raise _in_server(name, url)
        return super().__getattribute__(name)

    def __repr__(self) -> str:
        return f"<RemoteFake {self.url}>"

    def run_scheduled_work(self) -> None:
        """Refuse to move the clock, which calls this.

        Raises:
            RuntimeError: always, unless the clock was reset.
        """
        if self.clock.is_controlled:
            self.clock.reset()
            raise _in_server("clock", self.url)

    def handle(self, request: Request) -> Response:
        """Pass a request to the server.

        Raises:
            botocore.exceptions.HTTPClientError: the server cannot be reached, or its response is broken.
        """
        from botocore.exceptions import ConnectionClosedError, EndpointConnectionError

        headers = {name: value for name, value in request.headers.items() if name not in _HOP_BY_HOP}
        headers["host"] = request.headers.get("host") or request.host
        body = add_framing(request.payload)
        target = f"{request.path}?{request.query}" if request.query else request.path
        try:
            return self._exchange(request.method, target, headers, body)
        except HTTPException as error:
            raise ConnectionClosedError(endpoint_url=self.url, error=error) from error
        except OSError as error:
            raise EndpointConnectionError(endpoint_url=self.url, error=error) from error

    def _exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Response:
        parts = urlsplit(self.url)
        connection = _connection(parts.scheme, parts.hostname or "", parts.port)
        try:
            connection.putrequest(method, target, skip_host="host" in headers, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value.encode("latin-1"))
            if body or method in ("POST", "PUT"):
                connection.putheader("content-length", str(len(body)))
            connection.endheaders(body or None)
            response = connection.getresponse()
            content = response.read()
            received = [(name, value) for name, value in response.getheaders() if name.lower() not in _HOP_BY_HOP]
            declared = response.getheader("content-length") if method == "HEAD" else str(len(content))
            if declared is not None and response.status not in (204, 304):
                received.append(("Content-Length", declared))
            made = Response(response.status, received, (content,) if content else ())
            names = response.getheader(LENIENT_HEADER, "").split(", ")
            made.leniences = tuple(name for name in names if name in LENIENCES)
            return made
        finally:
            connection.close()

    def _post(self, path: str, document: Mapping[str, str], advice: str = "") -> None:
        """Post a control request.

        Args:
            advice: the end of the error's text.

        Raises:
            RuntimeError: the server cannot be reached, or refuses it.
        """
        try:
            response = self._exchange("POST", path, self._control_headers(), json.dumps(document).encode())
        except (OSError, HTTPException) as error:
            problem = f"cannot be reached ({error}): start it (fakes3part serve --port PORT), or unset TEST_SERVER_MODE"
            raise RuntimeError(_PROBLEM.format(url=self.url, problem=problem)) from error
        if response.status != 200:
            problem = f"responds {response.status} to POST {path}{advice}{_reason(response)}"
            raise RuntimeError(_PROBLEM.format(url=self.url, problem=problem))

    def _control_headers(self) -> dict[str, str]:
        """Return the headers of a control request. The server's token is the setting ``control_token`` here too."""
        token = self.settings.control_token
        return {"content-type": "application/json", **({} if token is None else {TOKEN_HEADER: token})}

    def reset(self) -> None:
        """Reset the server, unless moto's variable ``MOTO_CALL_RESET_API`` is ``false``.

        Raises:
            RuntimeError: the server cannot be reached, or refuses it.
        """
        if os.environ.get("MOTO_CALL_RESET_API", "").lower() == "false":
            return
        self.clock.reset()
        self._post("/moto-api/reset", {})

    def snapshot(self, name: str | None = None) -> Snapshot:
        """Take a snapshot in the server, for `restore`. Snapshots of a decorated class are restored in reverse order."""
        with self._lock:
            self._snapshots += 1
            name = name or f"TEST_SERVER_MODE {self._snapshots}"
        self._control("snapshot", name)
        return Snapshot(name, Store(), self.clock.state, object.__getattribute__(self, "kms").save(), {}, None)

    def restore(self, snapshot: Snapshot | str) -> None:
        """Restore a snapshot in the server."""
        name = snapshot if isinstance(snapshot, str) else snapshot.name
        with self._lock:
            self._snapshots -= 1
        self._control("restore", name or "")

    def _control(self, endpoint: str, name: str) -> None:
        self._post(f"/_fakes3part/{endpoint}", {"name": name}, ": decorated classes need a server of fakes3part")

    @property
    def endpoint_url(self) -> str:
        """The URL of the server."""
        return self.url

    def environment(self) -> Mapping[str, str]:
        """Return environment variables that direct AWS SDKs in other processes to the server."""
        names = (ENDPOINT_VARIABLE, "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_KMS")
        keys = {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_DEFAULT_REGION": self.settings.region,
        }
        return {**dict.fromkeys(names, self.url), **keys, "AWS_EC2_METADATA_DISABLED": "true"}

    def enter_environment(self) -> None:
        """Let clients that are made from now on connect to the server, so that presigned URLs and other libraries reach it.

        The environment has no endpoint then, as an interception has begun. `leave_environment` must precede its end.
        """
        with self._lock:
            self._entered += 1
            os.environ[ENDPOINT_VARIABLE] = self.url

    def leave_environment(self) -> None:
        """Undo what `enter_environment` did."""
        with self._lock:
            self._entered -= 1
            if self._entered == 0 and os.environ.get(ENDPOINT_VARIABLE) == self.url:
                del os.environ[ENDPOINT_VARIABLE]


def _connection(scheme: str, host: str, port: int | None) -> HTTPConnection:
    """Return a connection to the server, whose certificate is trusted if ``AWS_CA_BUNDLE`` names the file of its authority."""
    if scheme != "https":
        return HTTPConnection(host, port, timeout=TIMEOUT)
    from http.client import HTTPSConnection
    from ssl import create_default_context

    context = create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE") or None)
    return HTTPSConnection(host, port, timeout=TIMEOUT, context=context)


def _reason(response: Response) -> str:
    """Return the reason that a server of fakes3part gives for refusing a control request, as a clause; '' if there is none."""
    try:
        return f" ({json.loads(b''.join(response.body))['error']})"
    except (ValueError, KeyError, TypeError):
        return ""


def _in_server(name: str, url: str) -> RuntimeError:
    return RuntimeError(
        f"TEST_SERVER_MODE is set, so the fake is the server's at {url}: it has no {name!r} in this process; use the control API "
        "of the server (/_fakes3part/), or unset TEST_SERVER_MODE"
    )
