"""Object Lambda access points: a bucket behind a function, and the requests that wait for what the function writes."""

from __future__ import annotations

import re
import threading
from base64 import b32encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeAlias

Handler: TypeAlias = Callable[[dict[str, Any], Any], object]
"""``handler(event, context)``, as AWS Lambda calls it. What it returns counts for HeadObject only."""

ACTIONS = ("GetObject", "HeadObject")
"""What a function may be asked for here. (S3 also knows ListObjects and ListObjectsV2.)"""

FEATURES = frozenset(f"{action}-{what}" for action in ACTIONS for what in ("Range", "PartNumber"))
"""What S3 calls AllowedFeatures: without one, a request that asks for a range or a part is refused."""

ALIAS = "--ol-s3"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,43})[a-z0-9]", re.ASCII)


@dataclass(frozen=True)
class ObjectLambda:
    """One access point.

    Attributes:
        name: 3 to 45 lower-case letters, digits and dashes; unique in its account.
        bucket: whose objects the function is given.
        actions: which operations ask the function; HeadObject goes straight to the bucket when it is none of them.
        features: of `FEATURES`.
        payload: any text, handed to the function with each event.
        endpoint_url: where the event's ``inputS3Url`` leads; None: to where the request came from.
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
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"an access point's name is 3 to 45 lower-case letters, digits and dashes, not {self.name!r}")
        for given, known in ((self.actions, frozenset(ACTIONS)), (self.features, FEATURES)):
            if not given <= known:
                raise ValueError(f"{min(given - known)!r} is none of {', '.join(sorted(known))}")

    @property
    def arn(self) -> str:
        """What a client gives as ``Bucket``."""
        return f"arn:aws:s3-object-lambda:{self.region}:{self.account}:accesspoint/{self.name}"

    @property
    def supporting_arn(self) -> str:
        """The access point that S3 has between this one and the bucket. Here is none: the name is the bucket's."""
        return f"arn:aws:s3:{self.region}:{self.account}:accesspoint/{self.bucket}"

    @property
    def alias(self) -> str:
        """What a client may give as ``Bucket`` too, at any endpoint: it is spelled as a bucket's name."""
        digest = b32encode(sha256(self.arn.encode()).digest()).decode().lower()
        return f"{self.name[:20].rstrip('-')}-{digest[:32]}{ALIAS}"


@dataclass(eq=False)
class PendingLambdaResponse:
    """A request whose function is running. ``reply`` is what the function wrote: members of WriteGetObjectResponse."""

    route: str
    token: str
    reply: Mapping[str, Any] | None = None


class ObjectLambdas:
    """The access points of one fake, and the requests that wait."""

    def __init__(self) -> None:
        self.points: dict[str, ObjectLambda] = {}
        self._pending: dict[str, PendingLambdaResponse] = {}
        self._lock = threading.Lock()

    def add(self, point: ObjectLambda) -> ObjectLambda:
        """Add an access point, under its ARN's resource and its alias; one of the same name is replaced."""
        with self._lock:
            self.points = {**self.points, f"{point.name}-{point.account}": point, point.alias: point}
        return point

    def add_pending(self, waiting: PendingLambdaResponse) -> None:
        with self._lock:
            self._pending[waiting.token] = waiting

    def remove_pending(self, waiting: PendingLambdaResponse) -> None:
        with self._lock:
            del self._pending[waiting.token]

    def respond(self, route: str, token: str, reply: Mapping[str, Any]) -> bool:
        """Answer the request that waits under this route and token; False: none does, or it was answered already."""
        with self._lock:
            waiting = self._pending.get(token)
            if waiting is None or waiting.route != route or waiting.reply is not None:
                return False
            waiting.reply = reply
            return True
