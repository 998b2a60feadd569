"""The website endpoint of a bucket: what browsers see. No client signs for it, and its errors are pages."""

from .endpoint import resolve_domain, serve
from .error_pages import PageError

__all__ = ["PageError", "resolve_domain", "serve"]
