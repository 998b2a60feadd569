"""`S3Error`, an error of S3, and `Decision`. Codes and texts are in `fakes3part.error_codes`.

Further elements of an error document (``UploadId``, ``ArgumentName`` ...) are keyword arguments, in the order of the document::

    raise S3Error("NoSuchUpload", UploadId=upload_id)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .error_codes import ERRORS as ERRORS


@dataclass(frozen=True)
class Decision:
    """The result of an authorization request. Its truth value is `allowed`; its text names the reason.

    Attributes:
        allowed: whether the request is allowed.
        action: the IAM action, such as ``s3:GetObject``.
        resource: the ARN of the resource.
        caller: the ARN of the caller; ``*`` for an anonymous one.
        reason: the statement, grant or rule that decided, or what is missing, as text.
        statement: the policy statement that decided, as it was written; None when no statement did.
        message: the message of S3's error response; None: the default, ``Access Denied``.
    """

    allowed: bool
    action: str
    resource: str
    caller: str
    reason: str
    statement: Mapping[str, Any] | None = field(default=None, repr=False)
    message: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        verdict = "allowed" if self.allowed else "denied"
        return f"{verdict}: {self.action} on {self.resource} by {self.caller}: {self.reason}"

    def __repr__(self) -> str:
        return f"<{self}>"

    def __bool__(self) -> bool:
        return self.allowed


class S3Error(Exception):
    """An error response of S3. The pipeline catches it wherever it is raised.

    Args:
        code: a key of `ERRORS`.
        message: replaces the table's message; None: the table's.
        headers: further headers of the response; None: no headers.
        extras: further elements of the document, in order; None as a value is an empty element.

    Attributes:
        decision: the `Decision` of an AccessDenied, which the response does not show; None for other errors.
    """

    def __init__(
        self,
        code: str,
        message: str | None = None,
        /,
        headers: dict[str, str] | None = None,
        **extras: Any,
    ) -> None:
        self.status, default = ERRORS[code]
        self.code = code
        self.message = default if message is None else message
        self.headers = headers or {}
        self.extras = extras
        self.decision: Decision | None = None
        super().__init__(f"{code}: {self.message}")


def invalid_argument(message: str, name: str, value: object) -> S3Error:
    """Return InvalidArgument with ``ArgumentName`` and ``ArgumentValue``."""
    return S3Error("InvalidArgument", message, ArgumentName=name, ArgumentValue=value)


def not_implemented(operation: str, detail: str = "") -> S3Error:
    """Return NotImplemented (501) for an operation, or an option of it (``detail``), that fakes3part does not implement."""
    subject = f"{operation} ({detail})" if detail else operation
    return S3Error("NotImplemented", f"fakes3part does not implement {subject}", Operation=operation)
