"""S3's operations: one function an operation, registered under its AWS name.

Grouped as AWS's API reference groups them: `objects`, `multipart`, `buckets`, `directory_buckets`, `access_points`.
"""

from importlib import import_module
from pkgutil import iter_modules


def load() -> None:
    """Import every module that registers operations, so that the registry is complete."""
    for package in iter_modules(__path__, f"{__name__}."):
        if package.ispkg:
            for module in iter_modules(import_module(package.name).__path__, f"{package.name}."):
                import_module(module.name)
