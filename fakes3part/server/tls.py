"""TLS for the HTTP server: certificates, made on the spot or read from files, and the socket of a connection.

Each start of a server makes a certificate authority, whose key never leaves the memory of this process. Clients trust it by a
file, which the server removes when it stops.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import socket
import ssl
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast

from ..locks import new_lock

if TYPE_CHECKING:
    import trustme

StrPath: TypeAlias = "str | os.PathLike[str]"

_NAMES = ("localhost", "127.0.0.1", "::1")
"""What the first certificate is valid for. Others are made when a client names another host."""

_MAX_CONTEXTS = 256
_CERTIFICATE = re.compile(b"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_HANDSHAKE = b"\x16"
"""The first byte of a connection over TLS: the type of the record with the ClientHello."""

_PLAIN_HTTP = b"This server speaks HTTPS: use https:// in the endpoint URL.\n"
_PLAIN_HTTP_RESPONSE = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b"
    % (len(_PLAIN_HTTP), _PLAIN_HTTP)
)
_CA_VARIABLES = ("AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
"""Variables of AWS's SDKs, whose requests all come to the server, and of Node, which trusts the usual authorities besides."""
_BUNDLE_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
"""Variables that replace the trusted authorities for all hosts: of OpenSSL, Go, Rust and the Common Runtime, and of requests."""


class TlsError(ValueError):
    """A server cannot use TLS as requested. The message says why, and names the files."""


class CertificateFiles(NamedTuple):
    """A certificate of the user's.

    Attributes:
        cert: a PEM file of the certificate and those between it and its authority.
        key: a PEM file of its key, without a passphrase; None: the key is in ``cert``.
    """

    cert: StrPath
    key: StrPath | None = None


class Tls:
    """The certificates of a running server, until `close`.

    Attributes:
        ca_file: a PEM file by which clients trust the server: the user's certificate, or that of our authority.
        bundle: a PEM file of the same and the authorities that are trusted anyway, so that other hosts can be reached too.
    """

    def __init__(self, files: CertificateFiles | None = None) -> None:
        """Read or make the certificate.

        Args:
            files: the user's certificate; None: make one.

        Raises:
            TlsError: a file cannot be used, or the package that makes certificates is not installed.
        """
        self._lock = new_lock()
        self._contexts: dict[str, ssl.SSLContext] = {}
        if files is not None:
            self._context = _context()
            _load(self._context, files)
            certificate = b"\n".join(_CERTIFICATE.findall(Path(files.cert).read_bytes()))  # not its key
        else:
            self._authority: trustme.CA = _import_trustme().CA(organization_name="fakes3part")
            self._context = self._issue(*_NAMES)
            self._context.sni_callback = self._choose_certificate
            certificate = self._authority.cert_pem.bytes()
        directory = Path(tempfile.mkdtemp(prefix="fakes3part-tls-"))
        self._remove_files = weakref.finalize(self, _remove, directory, os.getpid())
        (directory / "ca.pem").write_bytes(certificate)
        (directory / "ca-bundle.pem").write_bytes(certificate + b"\n" + _trusted_anyway())
        self.ca_file = str(directory / "ca.pem") if files is None else os.fspath(files.cert)
        self.bundle = str(directory / "ca-bundle.pem")

    def close(self) -> None:
        """Remove the files."""
        self._remove_files()

    def environment(self) -> dict[str, str]:
        """Return the environment variables by which clients trust the server."""
        return {**dict.fromkeys(_CA_VARIABLES, self.ca_file), **dict.fromkeys(_BUNDLE_VARIABLES, self.bundle)}

    def wrap(self, sock: socket.socket) -> TlsSocket:
        """Return the server's end of a TLS connection, before the handshake."""
        return cast(TlsSocket, self._context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False))

    def _issue(self, *names: str) -> ssl.SSLContext:
        context = _context()
        self._authority.issue_cert(*names).configure_cert(context)
        return context

    def _choose_certificate(self, sock: ssl.SSLSocket | ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        """Give a connection a certificate for the host that the client named, or for the address that it connected to."""
        assert isinstance(sock, ssl.SSLSocket)
        if name is None:
            name = str(sock.getsockname()[0]).partition("%")[0].removeprefix("::ffff:")
        name = name.lower()
        if name in _NAMES:
            return
        with self._lock:
            context = self._contexts.get(name)
            if context is None:
                try:
                    context = self._issue(name)
                except ValueError:  # not a host name, as one with an underscore: no certificate can be valid for it
                    return
                if len(self._contexts) >= _MAX_CONTEXTS:
                    del self._contexts[next(iter(self._contexts))]
                self._contexts[name] = context
        sock.context = context


class TlsSocket(ssl.SSLSocket):
    """The server's end of a TLS connection; its methods fail as a plain socket's do."""

    def open(self) -> bool:
        """Perform the handshake. Return whether requests can follow; one in plain HTTP is refused with 400."""
        try:
            first = socket.socket.recv(self, 1, socket.MSG_PEEK)
            if first == _HANDSHAKE:
                self.do_handshake()
                return True
            if first:
                socket.socket.sendall(self, _PLAIN_HTTP_RESPONSE)
        except OSError:  # ssl.SSLError is one: the client does not trust the certificate, or has no TLS version in common
            pass
        return False

    def recv_into(self, *arguments: Any) -> int:
        try:
            return super().recv_into(*arguments)
        except ssl.SSLError as error:
            raise ConnectionResetError(errno.ECONNRESET, str(error)) from error

    def sendall(self, *arguments: Any) -> None:
        try:
            super().sendall(*arguments)
        except ssl.SSLError as error:
            raise ConnectionResetError(errno.ECONNRESET, str(error)) from error

    def shutdown(self, how: int) -> None:
        """Shut the connection down.

        ``SHUT_WR`` says so to the client first, in TLS. Other values do not: they may come from another thread than the one that
        reads, and the state of a TLS connection must not be shared.
        """
        if how == socket.SHUT_WR:
            timeout = self.gettimeout()
            with suppress(OSError, ValueError):  # it does not wait for the client to say so too
                self.settimeout(0)
                self.unwrap()
            self.settimeout(timeout)
        socket.socket.shutdown(self, how)


def check_files(tls: bool, cert: StrPath | None, key: StrPath | None) -> CertificateFiles | None:
    """Return the user's certificate; None: there is none.

    Raises:
        TlsError: there is a key without a certificate, or a file cannot be used; with ``tls``, the package that makes
            certificates is not installed.
    """
    if cert is None:
        if key is not None:
            raise TlsError(f"the key {os.fspath(key)} needs the certificate that belongs to it (cert=, --cert)")
        if tls:
            _import_trustme()
        return None
    files = CertificateFiles(cert, key)
    _load(_context(), files)
    return files


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sslsocket_class = TlsSocket
    context.set_alpn_protocols(["http/1.1"])
    context.num_tickets = 0  # a client that closes before it has read them would reset the connection
    return context


def _load(context: ssl.SSLContext, files: CertificateFiles) -> None:
    cert, key = Path(files.cert), Path(files.cert if files.key is None else files.key)
    for path in (cert, key):
        if not path.is_file():
            raise TlsError(f"there is no file {path}")
    try:
        context.load_cert_chain(cert, key, password=lambda: "")  # without it, OpenSSL asks at the terminal
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
        raise TlsError(f"cannot use the certificate {cert} with the key {key}: {reason}") from None


def _import_trustme() -> Any:
    try:
        import trustme
    except ModuleNotFoundError as error:
        raise TlsError(
            "a certificate for TLS is made by the package trustme, which is not installed: pip install 'fakes3part[tls]', or "
            "name a certificate of your own (cert= and key=, --cert and --key)"
        ) from error
    return trustme


def _trusted_anyway() -> bytes:
    """Return the certificates of the authorities that clients of this process trust, or else those that botocore comes with."""
    for variable in _BUNDLE_VARIABLES:
        with suppress(OSError, KeyError):
            return Path(os.environ[variable]).read_bytes()
    import botocore

    return Path(botocore.__file__).with_name("cacert.pem").read_bytes()


def _remove(directory: Path, process: int) -> None:
    if os.getpid() == process:  # not at the end of a forked child
        shutil.rmtree(directory, ignore_errors=True)
