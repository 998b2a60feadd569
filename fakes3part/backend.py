"""What one fake consists of: settings, clock, state, accounts, keys, fault rules, journal, events."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, ClassVar
from weakref import ref

from . import leniences
from .argument_checks import check_ip_address, check_mapping, check_text
from .clock import SEEDED_START, Clock
from .locks import LazyLock, new_rlock, part
from .settings import Settings
from .text import alternatives

if TYPE_CHECKING:
    from .auth.accounts import Accounts
    from .auth.authorization.explain import CallerLike
    from .effects.lifecycle_action import LifecycleAction
    from .errors import Decision
    from .events.events import Events
    from .events.records import EventOccurrence
    from .faults.rules import Faults
    from .ids import Ids
    from .journal.journal import Journal
    from .journal.record import Record
    from .message import Request, Response
    from .notifications.notifications import Notifications
    from .operations.context import Context
    from .operations.registry import Params
    from .operations.targets import Target
    from .state.bucket import Bucket
    from .state.kms import Kms
    from .state.notification import NotificationEntry
    from .state.object_lambdas import ObjectLambdas
    from .state.objects import Version
    from .state.snapshot import Snapshot
    from .state.store import Store
    from .state.usage import Usage


def _new_ids(fake: Backend) -> Ids:
    from .ids import Ids

    return Ids(fake.settings.seed)


def _new_store(fake: Backend) -> Store:
    from .state.store import Store

    return Store(fake.new_usage())


def _new_accounts(fake: Backend) -> Accounts:
    from .auth.accounts import Accounts

    return Accounts(fake.settings.account, strict=fake.settings.strict_credentials)


def _new_kms(fake: Backend) -> Kms:
    from .state.kms import Kms

    strict = fake.settings.strict_kms
    return Kms(fake.settings.account, fake.settings.region, strict=strict, check_policy=_check_key_policy, now=fake.clock.now)


def _new_lambdas(fake: Backend) -> ObjectLambdas:
    from .state.object_lambdas import ObjectLambdas

    return ObjectLambdas()


def _new_faults(fake: Backend) -> Faults:
    from .faults.rules import Faults

    return Faults(fake.clock, fake.ids)


def _new_calls(fake: Backend) -> Journal:
    from .journal.journal import Journal

    return Journal(fake, fake.settings.journal_size)


def _new_events(fake: Backend) -> Events:
    from .events.events import Events

    reference = ref(fake)  # a circle would wait for the garbage collector
    events = Events(fake.clock, fake.settings.journal_size)

    def deliver(occurrences: list[EventOccurrence]) -> None:
        owner = reference()
        if owner is not None:
            owner.notifications.deliver(occurrences)

    events.deliver = deliver
    return events


def _new_notifications(fake: Backend) -> Notifications:
    from .notifications.notifications import Notifications

    return Notifications(fake.clock, fake.ids, fake.faults, fake.events, fake.settings.journal_size)


def _new_on_lifecycle(fake: Backend) -> list[Callable[[LifecycleAction], None]]:
    publish = fake.events.publish_lifecycle
    return [lambda action: publish(action.kind, action.bucket, action.key, action.version, action.time)]


class Backend(ABC):
    """The parts of one fake.

    Everything that serves, intercepts, saves or inspects a fake is written against this class; `FakeS3` adds the methods for
    tests. Any number of backends can exist in one process. Its larger parts are imported and made when they are used first: many
    fakes are made, and entered, and never handle a request.

    Attributes:
        settings: how this fake deviates from S3.
        clock: the time that S3 sees.
        ids: the generators of request, upload and version ids.
        store: buckets and access points. Replaced as a whole by `reset` and by restoring a snapshot: look it up once a request.
        accounts: accounts, users, roles and access keys.
        kms: the keys of SSE-KMS: ``fakes3.kms.add_key(state="Disabled")``.
        lambdas: Object Lambda access points.
        faults: the rules that `fail` made, with ``clear()``.
        calls: the journal of all requests: ``fakes3.calls.assert_at_most(GetObject=3)``.
        events: S3's event records of all that happened.
        notifications: what was sent to the destinations of notification configurations.
        snapshots: the snapshots that were given a name. `reset` keeps them.
        snapshot_lock: held while a snapshot is restored.
        last_denial: the `Decision` of the last denied request; None before there was one. boto3 shows S3's words only; the
            reason is here and, as a warning, in the log ``fakes3part.authorization``.
        on_lifecycle: callbacks, called in order with each action that lifecycle rules took.
        vpc: the id of the VPC that requests come from (a fake has no network); None: from the internet.
        redirected: callbacks that make a client forget the region it was redirected to.
        is_remote: whether state and calls are in a server, to which requests are passed (moto's ``TEST_SERVER_MODE``).
        has_state: whether state and calls are in this process. (Those of a forked child are in its parent.)
        remote_url: the URL of that server; None: the fake is in this process.
        lenient: the leniences of this fake: those of its settings, or none if pytest runs with ``--fakes3-strict``.
        warned_leniences: the leniences that this fake has warned of (`leniences.warn_caller`).
        max_upload: the most bytes of one upload (`Settings.max_upload`).
        server_hosts: the names that servers of this fake were told to listen on.
        custom_hosts: host names of ``settings.custom_endpoints``, which buckets may precede; None: ``path_style_only`` is set.
    """

    is_remote: ClassVar[bool] = False
    has_state: ClassVar[bool] = True
    remote_url: str | None = None
    snapshot_lock = LazyLock(new_rlock)

    ids = part(_new_ids)
    store = part(_new_store)
    accounts = part(_new_accounts)
    kms = part(_new_kms)
    lambdas = part(_new_lambdas)
    faults = part(_new_faults)
    calls = part(_new_calls)
    events = part(_new_events)
    notifications = part(_new_notifications)
    on_lifecycle = part(_new_on_lifecycle)

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.lenient: Collection[str] = () if leniences.strict_run else settings.leniences
        self.warned_leniences: dict[str, int] = {}
        self.clock = Clock(SEEDED_START if settings.seed is not None else None)
        fake = ref(self)  # a clock must not keep its fake, and all its bytes, alive
        self.clock.moved.append(lambda: None if (clocks_fake := fake()) is None else clocks_fake.run_scheduled_work())
        self.last_denial: Decision | None = None
        self.redirected: list[Callable[[], None]] = []
        self.vpc: str | None = None
        self.max_upload = settings.max_upload
        self.server_hosts: set[str] = set()
        self.custom_hosts = None if settings.path_style_only else tuple(map(_host, settings.custom_endpoints))
        self.snapshots: dict[str, Snapshot] = {}

    @abstractmethod
    def handle(self, request: Request) -> Response:
        """Handle one request, in any thread. S3's errors are returned as responses, never raised."""

    @abstractmethod
    def serve_on(self, descriptor: int) -> Callable[[], None]:
        """Serve this fake over HTTP on a socket that listens, and return the function that stops it and closes the socket."""

    def explain(
        self,
        what: str,
        *,
        bucket: str | None = None,
        key: str | None = None,
        caller: CallerLike = None,
        version_id: str | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        source_ip: str = "127.0.0.1",
        secure: bool = True,
    ) -> Decision:
        """Return whether a caller is allowed to do something, and which statement, grant or rule decides. Nothing is changed.

        Args:
            what: an operation (``"GetObject"``: all actions it needs) or one action (``"s3:GetObject"``).
            bucket: its name, or the alias or ARN of an access point; None: the operation has none (``ListBuckets``).
            key: None: the operation is on the bucket.
            caller: ``"anonymous"``, an ARN, an account id, an access key, or what ``add_account``, ``add_user`` and
                ``add_session`` return; None: the root user of the fake's own account.
            version_id: None: the current version.
            headers: the headers of the request, which policies may ask for (``{"x-amz-acl": "private"}``); None: no headers.
            query: its query parameters (``{"prefix": "logs/"}``); None: no parameters.
            secure: whether the request comes over TLS.

        Returns:
            a `Decision`: true if allowed; its text gives the reason.

        Raises:
            ValueError: there is no such operation, bucket or caller.
        """
        from .auth.authorization.explain import explain, resolve_caller
        from .auth.authorization.request import RequestContext
        from .message import Request

        check_text('an operation such as "GetObject", or an action such as "s3:GetObject"', what=what)
        check_text(bucket=bucket, key=key, version_id=version_id)
        check_mapping("a dictionary of headers", headers=headers)
        check_ip_address(source_ip=source_ip)
        check_mapping("a dictionary of query parameters", query=query)
        point = None if bucket is None else self.store.points.by_alias(bucket) or self.store.points.by_arn(bucket)
        if point is not None:
            from .operations.access_point_routing import bucket_of

            found = bucket_of(self.store, point)
        else:
            found = None if bucket is None else self.store.get(bucket)
        if bucket is not None and found is None and what not in ("CreateBucket", "s3:CreateBucket"):
            raise ValueError(f"there is no bucket {bucket!r}; {alternatives(bucket, self.store.buckets)}")
        lower_case = {name.lower(): value for name, value in (headers or {}).items()}
        scheme = "https" if secure else "http"
        request = Request("GET", "s3.amazonaws.com", f"/{bucket or ''}", "", lower_case, scheme=scheme, client=source_ip)
        request.vpc = self.vpc
        parameters = dict(query or {}) if version_id is None else {**(query or {}), "versionId": version_id}
        context = RequestContext(resolve_caller(self.accounts, caller), request, parameters, self.clock, self.settings.region)
        existing = found if "CreateBucket" not in what else None
        return explain(what, context, existing, key, bucket_name=bucket, access_point=point)

    def run_scheduled_work(self) -> None:
        """Publish the events that are due, and run the background processes that are due, such as lifecycle rules.

        Called after the clock was moved, and before each request: freezegun, time-machine or midnight may have moved it too.
        """
        now, store = self.clock.now(), self.store
        if self.events.scheduled:
            self.events.run_due(now)
        if store.processes_ran_at:
            from .effects.schedule import run_due

            run_due(self, store, now)

    def destination_problem(self, bucket: Bucket, entry: NotificationEntry) -> tuple[str, str] | None:
        """Return ArgumentName and ArgumentValue of the error for a destination that S3 cannot use; None: it can."""
        return self.notifications.problem(bucket, entry)

    def object_changed(self, context: Context, name: str, bucket: Bucket, key: str, version: Version | None) -> None:
        """Tell the active background processes that a request has changed an object. The bucket's lock is held."""
        from .effects.schedule import object_changed

        object_changed(self, context.store, name, bucket, key, version, context)

    def call_handled(
        self,
        store: Store,
        record: Record,
        request: Request,
        response: Response,
        host_id: str,
        target: Target | None,
        output: Params | None,
    ) -> None:
        """Tell the active background processes of a request whose response is made, and run those that are due.

        The arguments are those of `effects.process.HandledCall`.
        """
        from .effects.process import HandledCall
        from .effects.schedule import call_handled

        call_handled(self, store, HandledCall(record, request, response, host_id, target, output))

    def new_usage(self) -> Usage | None:
        """Return a counter for the bytes of a store; None: they are not limited."""
        limit = self.settings.max_bytes
        if limit is None:
            return None
        from .rules.limits import too_many_bytes
        from .state.usage import Usage

        return Usage(limit, too_many_bytes)

    def reset(self) -> None:
        """Forget buckets, objects, uploads, calls, events, callbacks, faults, and what a test did to the clock and `vpc`.

        Accounts, users and access keys stay. What requests to STS and KMS made is forgotten: sessions, keys and aliases.
        """
        from .state.store import Store

        # Before the clock, which may move to a later time: nothing that is due then happens any more.
        self.events.reset()
        self.notifications.reset()
        self.store = Store(self.new_usage())
        self.clock.reset()
        self.vpc = None
        self.calls.clear()
        self.faults.reset()
        self.accounts.remove_sts_sessions()
        self.kms.remove_issued()
        self.forget_redirects()

    def forget_redirects(self) -> None:
        """Let clients forget the regions they were redirected to: buckets may be in other regions, or gone, from now on."""
        if self.redirected:
            with ExitStack() as steps:  # every callback runs, even if one fails
                while self.redirected:
                    steps.callback(self.redirected.pop())


def _check_key_policy(text: str) -> None:
    """Raise the ValueError that says what is wrong with the policy of a KMS key; the parser is imported on first use."""
    from .auth.authorization.kms import key_policy

    key_policy(text)


def _host(endpoint: str) -> str:
    """Return the host name of an endpoint given as URL, ``host:port`` or host."""
    from .protocol.aws_hosts import normalize_host  # few fakes have custom endpoints

    return normalize_host((endpoint.partition("://")[2] or endpoint).partition("/")[0])
