"""`FakeS3`: the object that users hold."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..auth.callers import Account, Identity, Principal
from ..errors import S3Error
from ..message import Request, Response
from ..settings import Settings, from_environment
from ..state.access_control import BLOCK_ALL, PublicAccessBlock
from ..state.object_lambda import Handler, ObjectLambda
from .account_methods import AccountMethods
from .instrumentation_methods import InstrumentationMethods
from .state_methods import StateMethods

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Self, Unpack

    from ..auth.authorization.explain import Who
    from ..errors import Decision
    from ..server.wsgi import WsgiApp
    from ..settings import SettingsKwargs
    from ..state.access_points import AccessPoint


class FakeS3(InstrumentationMethods, StateMethods, AccountMethods):
    """An in-memory S3 of its own: buckets, objects, uploads. Any number of them live side by side in one process.

    Usable as a context manager (``with FakeS3(region="eu-west-1") as fakes3``): while active, botocore's requests to S3
    are answered here.

    Args:
        settings: keyword arguments of `Settings`: ``region``, ``account``, ``min_part_size``, ``strict_credentials`` ...

    What it consists of (``kms``, ``clock``, ``calls``, ``last_denial``, ``vpc`` ...) is described at `Backend`.
    """

    def __init__(self, **settings: Unpack[SettingsKwargs]) -> None:
        super().__init__(Settings.with_environment(**settings))
        self._client_lock = threading.Lock()

    @classmethod
    def from_config(cls, path: str | Path, **settings: Unpack[SettingsKwargs]) -> FakeS3:
        """Return a fake as a TOML file describes it (`fakes3part.config_file`).

        Args:
            settings: they win over environment variables, which win over the file's settings.

        Raises:
            fakes3part.config_file.ConfigError: the file is not as described there.
            OSError: it cannot be read.
        """
        from ..config_file import in_file, load_config

        config = load_config(path)
        merged: SettingsKwargs = {**config.settings, **from_environment(), **settings}
        fake = cls(**merged)
        in_file(path, lambda: config.apply(fake.accounts, fake.kms))
        return fake

    def handle(self, request: Request) -> Response:
        """Handle one request, in any thread. S3's errors are returned as responses, never raised."""
        from ..pipeline import handle

        return handle(self, request)

    def explain(
        self,
        what: str,
        *,
        bucket: str | None = None,
        key: str | None = None,
        caller: Who = None,
        version_id: str | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        source_ip: str = "127.0.0.1",
        secure: bool = True,
    ) -> Decision:
        """May they, and why: which statement, grant or rule decides. Nothing is done, nothing changes.

        Args:
            what: an operation (``"GetObject"``, with everything it needs) or an action (``"s3:GetObject"``).
            bucket: its name, or the alias or ARN of an access point; None for what needs none (``ListBuckets``).
            caller: None: the root of the fake's own account; ``"anonymous"``; an ARN, account id or access key; or what
                ``add_account``, ``add_user`` and ``add_session`` return.
            headers: of the request that is thought of: policies may ask for them (``{"x-amz-acl": "private"}``).
            query: likewise (``{"prefix": "logs/"}``).
            secure: whether it would come over TLS.

        Returns:
            a `Decision`, true if allowed; its text tells the reason.

        Raises:
            ValueError: no such operation, bucket or caller.
        """
        from ..auth.authorization.explain import explain, who
        from ..auth.authorization.request import RequestContext

        point = None if bucket is None else self.store.points.by_alias(bucket) or self.store.points.by_arn(bucket)
        if point is not None:
            from ..operations.access_point_routing import bucket_of

            found = bucket_of(self.store, point)
        else:
            found = None if bucket is None else self.store.get(bucket)
        if bucket is not None and found is None and what not in ("CreateBucket", "s3:CreateBucket"):
            raise ValueError(f"no bucket {bucket!r}")
        lower_case = {name.lower(): value for name, value in (headers or {}).items()}
        scheme = "https" if secure else "http"
        request = Request("GET", "s3.amazonaws.com", f"/{bucket or ''}", "", lower_case, scheme=scheme, client=source_ip)
        request.vpc = self.vpc
        parameters = dict(query or {}) if version_id is None else {**(query or {}), "versionId": version_id}
        context = RequestContext(who(self.accounts, caller), request, parameters, self.clock, self.settings.region)
        existing = found if "CreateBucket" not in what else None
        return explain(what, context, existing, key, bucket_name=bucket, access_point=point)

    def add_object_lambda(
        self,
        name: str,
        bucket: str,
        handler: Handler,
        *,
        actions: Iterable[str] = ("GetObject",),
        features: Iterable[str] = (),
        payload: str = "",
        account: str | None = None,
        region: str | None = None,
        endpoint_url: str | None = None,
    ) -> ObjectLambda:
        """Put an Object Lambda access point before a bucket: objects are read through a function, which may change them.

        The function gets AWS's event and answers by ``write_get_object_response``; `client` gives it a client for that behind
        any door. Clients name the access point by the ``arn`` of what is returned or, at any endpoint, by its ``alias``.

        Args:
            handler: ``handler(event, context)``, as AWS Lambda calls it; it runs in the thread that the request came in.
            actions: with ``"HeadObject"`` among them it is asked for HEADs too, and answers by what it returns.
            features: ``"GetObject-Range"``, ``"GetObject-PartNumber"``, ... : what it knows to do of what S3 lets only those.
            payload: a text for the event's ``configuration``.
            endpoint_url: where the event's ``inputS3Url`` shall lead, as the URL of a `Server` of this fake (HTTP clients
                other than botocore need one); None: to where the request came from.

        Raises:
            ValueError: something of the wrong form.
        """
        chosen = account or self.settings.account, region or self.settings.region
        asked = frozenset(actions), frozenset(features)
        return self.lambdas.add(ObjectLambda(name, *chosen, bucket, handler, *asked, payload, endpoint_url))

    def add_access_point(
        self,
        name: str,
        bucket: str,
        account: str | Account | Principal | None = None,
        policy: str | Mapping[str, Any] | None = None,
        *,
        vpc: str | None = None,
        block: PublicAccessBlock | None = None,
    ) -> AccessPoint:
        """Put an access point before a bucket, as S3 Control's CreateAccessPoint does.

        Clients give its ``arn`` or, at any endpoint, its ``alias`` as ``Bucket``. It is of the bucket's region.

        Args:
            bucket: a bucket that is there, by name, or by ARN on an Outpost.
            account: whose the access point is; None: the bucket owner's.
            policy: of the access point, a dict or JSON.
            vpc: where requests must come from: set `vpc` of this fake to come from there. One on an Outpost needs one.
            block: its public access block; None: all four switches on, S3's default.

        Raises:
            ValueError: no such bucket, a name or policy of the wrong form, or there is one of this name already.
        """
        from ..operations.access_points import manage

        text = json.dumps(policy) if isinstance(policy, Mapping) else policy
        with _told_plainly():
            found = manage.find_bucket_any_owner(self.store, bucket)
            owner = found.account if account is None else self._account(account).id
            return manage.add_access_point(
                self.store, name, owner, found, self.clock.now(), vpc=vpc, block=block or BLOCK_ALL, policy=text
            )

    def add_outposts_bucket(
        self,
        name: str,
        outpost: str = "op-01234567890123456",
        account: str | Account | Principal | None = None,
        *,
        region: str | None = None,
    ) -> str:
        """Create a bucket on an Outpost, which is there as soon as somebody names its id.

        Returns:
            the bucket's ARN, for `add_access_point` and S3 Control; objects are reached through an access point only.

        Raises:
            ValueError: a name or id of the wrong form, or the account has the bucket there already.
        """
        from ..operations.access_points import manage

        with _told_plainly():
            place = self._account(account).id, region or self.settings.region, outpost
            return manage.bucket_arn(manage.add_outposts_bucket(self.store, name, *place, self.clock.now()))

    def client(
        self,
        account: str | Account | Principal | None = None,
        identity: str | Identity | None = None,
        *,
        anonymous: bool = False,
        **settings: Any,
    ) -> Any:
        """A boto3 S3 client of this fake, signed by somebody, that needs no interception; to be closed like any other.

        Args:
            account: an id, or what `add_account`, `add_user` and `add_session` gave. None: the fake's own account.
            identity: a user of the account, by name; None: whom ``account`` means, its root if that is just an account.
            anonymous: do not sign.
            settings: go to ``boto3.session.Session.client`` (``region_name``, ``config``, ``endpoint_url`` ...).

        Raises:
            ValueError: the account has no such user.
        """
        from ..intercept.botocore.bound_client import bound_client

        principal = None if anonymous else self._principal(account, identity)
        with self._client_lock:  # making clients of one session is not thread-safe
            return bound_client(self, self._session, principal, settings)

    @cached_property
    def _session(self) -> Any:
        from ..intercept.botocore.bound_client import session

        return session()

    @cached_property
    def wsgi_app(self) -> WsgiApp:
        """This fake as a WSGI application, for any WSGI server or ``werkzeug.test.Client``."""
        from ..server.wsgi import WsgiApp

        return WsgiApp(self)

    def fork(self) -> Self:
        """Return another fake with the same settings, state, accounts and time; later changes of one do not show in the other."""
        twin = type(self)(**self.settings.keywords())
        twin.accounts = self.accounts.copy()
        twin.snapshots = dict(self.snapshots)
        twin.restore(self.snapshot())
        return twin

    def __enter__(self) -> FakeS3:
        from ..intercept.activation import enter_fake, leave

        entry = enter_fake(self)
        try:
            self._hold()
        except BaseException:
            leave(entry)
            raise
        return self

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        from ..intercept.activation import entered_fake, leave

        entry = entered_fake(self)
        if entry is None:
            raise RuntimeError("this FakeS3 was not entered")
        try:
            leave(entry)
        finally:
            self._let_go()

    def __repr__(self) -> str:
        return f"<FakeS3 of {len(self.store.buckets)} buckets, region={self.settings.region!r}, seed={self.ids.seed}>"


@contextmanager
def _told_plainly() -> Iterator[None]:
    """What S3 would answer as an error is a ValueError in Python."""
    try:
        yield
    except S3Error as error:
        raise ValueError(str(error)) from None
