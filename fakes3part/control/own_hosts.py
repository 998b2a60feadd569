"""Which hosts a server answers to: a web page must not reach it by a domain that leads to this machine (DNS rebinding)."""

from __future__ import annotations

import re
from functools import lru_cache
from socket import gethostname
from typing import TYPE_CHECKING

from ..protocol.aws_hosts import aws_endpoint, normalize_host

if TYPE_CHECKING:
    from ..backend import Backend

_LOCAL_SUFFIXES = (".localhost", ".internal", ".local", ".svc", ".localhost.localstack.cloud")
"""Names below these are given by machines and networks, or lead to this machine only: nobody can register one for a web page."""

_ADDRESS = re.compile(r"(?:.+\.)?\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f.]*:[0-9a-f:.]*(?:%.*)?")
"""An IPv4 address, maybe with labels before it, or an IPv6 address."""

_DIRECTORY_BUCKET = re.compile(r"[a-z0-9-]+--xa?-s3\.(.+)")


def is_foreign_host(backend: Backend, host: str) -> bool:
    """Return whether a host is a domain name that belongs neither to AWS, to this machine, to its network, nor to the fake.

    The fake's are those of ``custom_endpoints``, the names of its buckets (CNAMEs), and what its servers listen on. Names
    without a dot, as containers have, and IP addresses are never foreign.
    """
    if _is_local(host):
        return False
    name = normalize_host(host)
    directory_bucket = _DIRECTORY_BUCKET.fullmatch(name)
    if directory_bucket is not None:
        name = directory_bucket[1]
        if _is_local(name):
            return False
    if name in backend.store.buckets or name in backend.server_hosts or name == gethostname().lower():
        return False
    endpoints = backend.custom_hosts
    if endpoints is None:  # path_style_only
        endpoints = tuple(map(_host_of, backend.settings.custom_endpoints))
    return not any(name == own or name.endswith(f".{own}") for own in endpoints)


@lru_cache(maxsize=1024)
def _is_local(host: str) -> bool:
    name = normalize_host(host)
    return (
        ("." not in name and ":" not in name)
        or f".{name}".endswith(_LOCAL_SUFFIXES)
        or _ADDRESS.fullmatch(name) is not None
        or aws_endpoint(name).suffix is not None
    )


def _host_of(endpoint: str) -> str:
    return normalize_host((endpoint.partition("://")[2] or endpoint).partition("/")[0])
