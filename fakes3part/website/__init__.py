"""The website endpoint of a bucket: what browsers see. No client signs for it, and its errors are pages."""

from .endpoint import at_domain, serve
from .error_pages import PageError

__all__ = ["PageError", "at_domain", "serve"]
