"""The website endpoint of a bucket: what browsers see. No client signs for it, and its errors are pages."""

from .pages import PageError
from .serve import at_domain, serve

__all__ = ["PageError", "at_domain", "serve"]
