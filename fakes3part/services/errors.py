"""Errors of STS and KMS. (S3 Control's are S3's own: `fakes3part.errors.S3Error`.)"""

from __future__ import annotations


class ServiceError(Exception):
    """An error that STS or KMS answers with: code, message and status as the service has them."""

    def __init__(self, code: str, message: str = "", status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def not_implemented(operation: str, detail: str = "") -> ServiceError:
    """The honest 501: names the operation, and the option."""
    what = f"{operation} ({detail})" if detail else operation
    return ServiceError("NotImplemented", f"fakes3part does not implement {what}", 501)
