"""An Object Lambda access point, and a request that waits for the response of its function."""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeAlias

from ..argument_checks import check_function, check_text
from ..text import suggestion

Handler: TypeAlias = Callable[[dict[str, Any], Any], object]
"""``handler(event, context)``, as AWS Lambda calls it. Its return value is used for HeadObject only."""

ACTIONS = ("GetObject", "HeadObject")
"""The operations that a function can handle here. (S3 also has ListObjects and ListObjectsV2.)"""

FEATURES = frozenset(f"{action}-{selector}" for action in ACTIONS for selector in ("Range", "PartNumber"))
"""S3's AllowedFeatures: without the feature, a request for a range or a part is refused."""

ALIAS = "--ol-s3"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,43})[a-z0-9]", re.ASCII)


@dataclass(frozen=True)
class ObjectLambda:
    """An Object Lambda access point.

    Attributes:
        name: 3 to 45 lower-case letters, digits and dashes; unique in its account.
        bucket: the name of the bucket whose objects the function transforms.
        actions: of `ACTIONS`: the operations that call the function. HeadObject goes to the bucket if it is not one of them.
        features: of `FEATURES`.
        payload: any text, passed to the function with each event.
        endpoint_url: the endpoint of the event's ``inputS3Url``; None: the endpoint of the request.
    """

    name: str
    account: str
    region: str
    bucket: str
    handler: Handler = field(repr=False)
    actions: frozenset[str] = frozenset({"GetObject"})
    features: frozenset[str] = frozenset()
    payload: str = ""
    endpoint_url: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not _NAME.fullmatch(self.name):
            raise ValueError(f"name must be 3 to 45 lower-case letters, digits and dashes, not {self.name!r}")
        check_text(bucket=self.bucket, payload=self.payload, endpoint_url=self.endpoint_url)
        check_function("a function handler(event, context), as AWS Lambda calls it", handler=self.handler)
        for name, values, allowed in (("actions", self.actions, frozenset(ACTIONS)), ("features", self.features, FEATURES)):
            if not values <= allowed:
                unknown = min(map(str, values - allowed))
                raise ValueError(f"{name}: {unknown!r} is none of {', '.join(sorted(allowed))}{suggestion(unknown, allowed)}")

    @property
    def arn(self) -> str:
        """The ARN, which clients use as ``Bucket``."""
        return f"arn:aws:s3-object-lambda:{self.region}:{self.account}:accesspoint/{self.name}"

    @property
    def supporting_arn(self) -> str:
        """The ARN of the supporting access point. A fake has none: its name is the bucket's."""
        return f"arn:aws:s3:{self.region}:{self.account}:accesspoint/{self.bucket}"

    @property
    def alias(self) -> str:
        """The alias, which clients may use as ``Bucket`` at any endpoint: it has the form of a bucket name."""
        digest = b32encode(sha256(self.arn.encode()).digest()).decode().lower()
        return f"{self.name[:20].rstrip('-')}-{digest[:32]}{ALIAS}"


@dataclass(eq=False)
class PendingLambdaResponse:
    """A request whose function is running. ``reply``: the members of WriteGetObjectResponse; None: it was not called yet."""

    route: str
    token: str
    reply: Mapping[str, Any] | None = None
