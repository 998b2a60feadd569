"""What background processes are: the moments at which S3 acts without being asked, and what they need of a fake."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Protocol, TypeAlias

from ..operations.context import Context, OperationEnvironment
from ..state.bucket import Bucket
from ..state.objects import Version
from ..state.store import Store

if TYPE_CHECKING:
    from ..journal.record import Record
    from ..message import Request, Response
    from ..operations.registry import Params
    from ..operations.targets import Target
    from .lifecycle_action import LifecycleAction

Report: TypeAlias = "Callable[[], None]"
"""Publishes an event, or calls a user's function. It is called when the process has finished and no lock is held."""


class ProcessEnvironment(OperationEnvironment, Protocol):
    """The parts of a fake that background processes use."""

    lenient: Collection[str]
    on_lifecycle: list[Callable[[LifecycleAction], None]]


class ObjectChange(NamedTuple):
    """A change of an object: one that has an event, or one that `Context.announce_change` names.

    Attributes:
        name: an event type without ``s3:`` (``ObjectCreated:Put``, ``LifecycleExpiration:Delete``), or
            ``AbortIncompleteMultipartUpload`` of a lifecycle rule, which has no version.
        version: the version that was created, changed or removed; None: a key without versions that was removed.
        at: when, by the fake's clock.
        context: of the request that made the change; None: S3 itself did.
    """

    name: str
    bucket: Bucket
    key: str
    version: Version | None
    at: datetime
    context: Context | None


class HandledCall(NamedTuple):
    """A request with its response, as the journal has recorded it.

    Attributes:
        host_id: ``x-amz-id-2`` of the response.
        target: the bucket and the access point that were found; None: the request was refused before, or has no operation.
        output: of the operation; None: it failed.
    """

    record: Record
    request: Request
    response: Response
    host_id: str
    target: Target | None
    output: Params | None


class Process:
    """A background process of S3. It overrides the methods for the moments at which it acts.

    A bucket's configuration activates it by `Store.activate`; a store in which no process is active pays for none of this.
    Whatever a process remembers is in the store, in immutable values, so that snapshots and archives hold it.

    Attributes:
        name: as in `Store.processes_ran_at`: the name of its module.
    """

    name: ClassVar[str]

    def next_due(self, store: Store) -> datetime | None:
        """Return when the process is to run next; None: it has nothing to do. A time that has passed means now."""
        return None

    def run(self, environment: ProcessEnvironment, store: Store, until: datetime) -> list[Report]:
        """Do all that is due until a moment (included), and return what is to be reported, in order.

        ``store.process_lock`` is held. Locks of buckets are taken one at a time; nothing is published, and no user's function
        is called.
        """
        return []

    def object_changed(self, environment: OperationEnvironment, store: Store, change: ObjectChange) -> None:
        """Take note of a change of an object. The bucket's lock is held; no other lock may be taken."""

    def call_handled(self, environment: ProcessEnvironment, store: Store, call: HandledCall) -> None:
        """Take note of a request whose response is made. No lock is held."""
