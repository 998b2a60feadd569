"""Refuses connections of the AWS Common Runtime to AWS: its HTTP and S3 clients, WebSockets, MQTT, and credentials providers.

All of them call functions of the C module ``_awscrt``, which are patched: so it does not matter when the classes were imported,
or their objects made.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from ..network_guard import refuse
from ..patch import Function, Patch

_HOST_ARGUMENTS = {
    "http_client_connection_new": 1,
    "websocket_client_connect": 0,
    "mqtt_client_connection_connect": 2,
    "mqtt5_client_new": 1,
    "credentials_provider_new_cognito": 0,
    "credentials_provider_new_x509": 0,
}
"""The functions that take a host -> the position of it."""


def patches() -> list[Patch]:
    """Return the patches of the functions that connect or send; functions that this version lacks are left out."""
    module: Any = sys.modules.get("_awscrt")
    wraps: dict[str, Callable[[Function], Function]] = {
        "http_client_stream_new": _requesting,
        "s3_client_make_meta_request": _requesting_of_s3,
        **{name: _connecting(position) for name, position in _HOST_ARGUMENTS.items()},
    }
    return [Patch(module, name, wrap) for name, wrap in wraps.items() if hasattr(module, name)]


def _connecting(position: int) -> Callable[[Function], Function]:
    def wrap(original: Function) -> Function:
        def connect(*args: Any) -> Any:
            refuse(args[position])
            return original(*args)

        return connect

    return wrap


def _requesting(original: Function) -> Function:
    def http_client_stream_new(stream: Any, connection: Any, request: Any, *args: Any) -> Any:
        refuse(connection.host_name, f"{request.method} {_path(request)}")  # it may have been opened before the mock
        return original(stream, connection, request, *args)

    return http_client_stream_new


def _requesting_of_s3(original: Function) -> Function:
    def s3_client_make_meta_request(s3_request: Any, client: Any, request: Any, *args: Any) -> Any:
        host = request.headers.get("host")
        if host:
            refuse(host, f"{request.method} {_path(request)}")
        return original(s3_request, client, request, *args)

    return s3_client_make_meta_request


def _path(request: Any) -> str:
    path: str = request.path
    return path.partition("?")[0]
