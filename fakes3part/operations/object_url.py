"""The URL of an object, as responses name it in ``Location``."""

from __future__ import annotations

from urllib.parse import quote_plus

from .context import Context


def object_url(context: Context, bucket: str, key: str) -> str:
    """Return the object's URL at the endpoint that the request used, with the key encoded as in a form.

    A slash is ``%2F`` and a space is ``+`` (issues 811 and 1707 of aws-sdk-js, 645 of aws-sdk-go, 5668 of aws-sdk-js-v3).
    A request through an access point gets the access point's URL, not the bucket's.
    """
    request = context.request
    path = quote_plus(key)
    if context.access_point is not None:  # the access point's alias is in the path, its name in the host
        bucket = (
            context.access_point.alias
            if request.path.startswith(f"/{context.access_point.alias}/")
            else request.host.partition(".")[0]
        )
    if request.host.lower().startswith(f"{bucket}."):
        return f"{request.scheme}://{request.host}/{path}"
    return f"{request.scheme}://{request.host}/{bucket}/{path}"
