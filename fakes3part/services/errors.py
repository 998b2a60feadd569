"""Errors of STS and KMS. (S3 Control raises `fakes3part.errors.S3Error`.)"""

from __future__ import annotations


class ServiceError(Exception):
    """An error response of STS or KMS: its code, message and status."""

    def __init__(self, code: str, message: str = "", status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def not_implemented(operation: str, detail: str = "") -> ServiceError:
    """Return the 501 for an operation, or for an option of it, that this fake does not implement."""
    name = f"{operation} ({detail})" if detail else operation
    return ServiceError("NotImplemented", f"fakes3part does not implement {name}", 501)
