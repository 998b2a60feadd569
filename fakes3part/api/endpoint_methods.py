"""The methods of `FakeS3` for other processes and for libraries that are not intercepted: its server, and how to reach it."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from ..argument_checks import check_text
from ..backend import Backend
from ..locks import LazyLock, new_lock, new_rlock
from ..settings import Settings

if TYPE_CHECKING:
    from pyarrow.fs import S3FileSystem

    from ..server.http_server import HttpServer

_counting_uses = new_lock()
_QUOTE, _DOUBLE_QUOTE = "'", '"'


class EndpointMethods(Backend):
    """Methods of `FakeS3` for other processes and for libraries that are not intercepted."""

    _server_lock = LazyLock(new_rlock)

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._server: HttpServer | None = None
        self._uses = 0

    @property
    def endpoint_url(self) -> str:
        """The URL of a server of this fake, on 127.0.0.1, for programs in any language.

        The server starts when this is first read, and stops with `close`, at the end of ``with fakes3``, or with the process.
        """
        return self._running_server().url

    @property
    def is_serving(self) -> bool:
        """Whether the server of `endpoint_url` runs."""
        return self._server is not None

    def inspect(self, *, open_browser: bool = True) -> str:
        """Show this fake in a browser, from a breakpoint for example, and return the URL of the page.

        The URL is printed too. The page is served at `endpoint_url`, in a thread: it works while a debugger has stopped the test,
        and as long as that server runs.

        Args:
            open_browser: whether to try to open a browser. One in the terminal is not opened: it would take the debugger's place.
        """
        from ..server.browser import open_page

        url = f"{self.remote_url or self.endpoint_url}/_fakes3part/"
        print(f"fakes3part: this fake is shown at {url}", flush=True)
        if open_browser:
            open_page(url)
        return url

    def environment(self) -> Mapping[str, str]:
        """Return environment variables that direct AWS SDKs, the AWS CLI, polars and the like to `endpoint_url`.

        Child processes of an active mock have such variables anyway. These also work without one, and after it::

            subprocess.run([...], env={**os.environ, **fakes3.environment()})
        """
        return {
            **self._running_server().environment(),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",  # a value of true would make SDKs ignore the endpoint
        }

    def storage_options(self, kind: Literal["object_store", "fsspec"] = "object_store") -> dict[str, Any]:
        """Return the options by which a library for data frames and tables reaches `endpoint_url`::

            polars.read_parquet("s3://bucket/key", storage_options=fakes3.storage_options())
            deltalake.DeltaTable("s3://bucket/table", storage_options=fakes3.storage_options())
            obstore.store.S3Store("bucket", **fakes3.storage_options())
            pandas.read_csv("s3://bucket/key", storage_options=fakes3.storage_options("fsspec"))

        Args:
            kind: "object_store" for the libraries in Rust (polars, deltalake, obstore), "fsspec" for those in Python (pandas,
                dask, ``s3fs.S3FileSystem``).

        Raises:
            ValueError: there is no such kind.
        """
        variables = self.environment()
        access_key, secret_key = variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"]
        region, url = variables["AWS_DEFAULT_REGION"], variables["AWS_ENDPOINT_URL_S3"]
        if kind == "object_store":
            return {
                "aws_access_key_id": access_key,
                "aws_secret_access_key": secret_key,
                "aws_region": region,
                "aws_endpoint_url": url,
                "aws_allow_http": "true",
            }
        if kind == "fsspec":
            return {"key": access_key, "secret": secret_key, "endpoint_url": url, "client_kwargs": {"region_name": region}}
        raise ValueError(f'kind must be "object_store" or "fsspec", not {kind!r}')

    def pyarrow_filesystem(self) -> S3FileSystem:
        """Return a ``pyarrow.fs.S3FileSystem`` at `endpoint_url`: ``pyarrow.parquet.read_table(path, filesystem=...)``.

        Raises:
            ModuleNotFoundError: pyarrow is not installed.
        """
        from pyarrow.fs import S3FileSystem

        variables = self.environment()
        scheme, _, endpoint = variables["AWS_ENDPOINT_URL_S3"].partition("://")
        return S3FileSystem(
            access_key=variables["AWS_ACCESS_KEY_ID"],
            secret_key=variables["AWS_SECRET_ACCESS_KEY"],
            region=variables["AWS_DEFAULT_REGION"],
            scheme=scheme,
            endpoint_override=endpoint,
        )

    def duckdb_secret(self, name: str = "fakes3") -> str:
        """Return the statement that lets DuckDB reach `endpoint_url`: ``duckdb.sql(fakes3.duckdb_secret())``.

        (DuckDB needs its extension httpfs for S3, which it loads by itself.)

        Args:
            name: the name of the secret, which replaces one of this name.
        """
        check_text("the name of a secret", name=name)
        variables = self.environment()
        scheme, _, endpoint = variables["AWS_ENDPOINT_URL_S3"].partition("://")
        options = {
            "KEY_ID": variables["AWS_ACCESS_KEY_ID"],
            "SECRET": variables["AWS_SECRET_ACCESS_KEY"],
            "REGION": variables["AWS_DEFAULT_REGION"],
            "ENDPOINT": endpoint,
            "URL_STYLE": "path",
        }
        texts = "".join(f", {option} {_quoted(value, _QUOTE)}" for option, value in options.items())
        encrypted = "true" if scheme == "https" else "false"
        return f"CREATE OR REPLACE SECRET {_quoted(name, _DOUBLE_QUOTE)} (TYPE s3{texts}, USE_SSL {encrypted})"

    def close(self) -> None:
        """Stop the server of `endpoint_url`. Idempotent; reading `endpoint_url` starts a new one."""
        if "_server_lock" not in self.__dict__:  # no server was ever started
            return
        with self._server_lock:
            server, self._server = self._server, None
        if server is not None:
            atexit.unregister(server.stop)
            server.stop()

    def _begin_use(self) -> None:
        """Count a user of this fake until `_end_use`; when the last one ends, so does the server."""
        with _counting_uses:
            self._uses += 1

    def _end_use(self) -> None:
        with _counting_uses:
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


def _quoted(text: str, quote: str) -> str:
    """Return a string or an identifier of SQL."""
    return quote + text.replace(quote, 2 * quote) + quote
