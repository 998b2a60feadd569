"""The website endpoint of a bucket, which serves browsers: requests are anonymous, and errors are HTML pages."""

from .endpoint import resolve_domain, serve
from .error_pages import PageError

__all__ = ["PageError", "resolve_domain", "serve"]
