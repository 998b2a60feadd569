"""Errors of website endpoints as HTML pages and as headers."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import quote

from ..errors import S3Error
from ..message import ResponseParts
from ..protocol.http1 import PHRASES

_NESTED = "An Error Occurred While Attempting to Retrieve a Custom Error Document"


class PageError(S3Error):
    """An error of a website endpoint.

    ``document_error`` is why the error document could not be read; None: it could, or there is none.
    """

    def __init__(self, cause: S3Error, of_document: S3Error | None = None) -> None:
        super().__init__(
            cause.code if cause.code != "400" else "BadRequest", cause.message, headers=cause.headers, **cause.extras
        )
        self.status, self.code = cause.status, cause.code
        self.decision = cause.decision
        self.document_error = of_document

    def response(self, request_id: str, host_id: str) -> ResponseParts:
        """Return the response to a GET. The response to a HEAD is the same without the body."""
        ids = {"RequestId": request_id, "HostId": host_id}
        lists = [_items({**_fields(self), **ids})]
        if self.document_error is not None:
            lists.append(f"<h3>{_NESTED}</h3>\n{_items(_fields(self.document_error))}")
        title = f"{self.status} {_phrase(self.status)}"
        body = (
            f"<html>\n<head><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n{''.join(lists)}<hr/>\n</body>\n</html>\n"
        ).encode("utf-8", "xmlcharrefreplace")
        headers = [*self.headers.items(), *error_headers(self)]
        headers += [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))]
        return self.status, headers, (body,)


def error_headers(error: S3Error) -> list[tuple[str, str]]:
    """Return the headers that accompany an error page, or the error document in its place."""
    headers = [("x-amz-error-code", error.code), ("x-amz-error-message", _header_text(error.message))]
    return headers + [(f"x-amz-error-detail-{name}", _header_text(str(value))) for name, value in error.extras.items()]


def _fields(error: S3Error) -> Mapping[str, object]:
    return {"Code": error.code, "Message": error.message, **error.extras}


def _items(fields: Mapping[str, object]) -> str:
    rows = "".join(f"<li>{name}: {escape('' if value is None else str(value))}</li>\n" for name, value in fields.items())
    return f"<ul>\n{rows}</ul>\n"


def _phrase(status: int) -> str:
    return {302: "Moved Temporarily", 307: "Temporary Redirect"}.get(status) or PHRASES[status]


def _header_text(text: str) -> str:
    """Return the text as a header's value: percent-encoded, unless it is printable ASCII."""
    return text if text.isascii() and text.isprintable() else quote(text, safe=" /:;,.'\"()")
