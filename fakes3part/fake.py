"""`FakeS3`: everything that one fake knows, and the one waist that every door goes through."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .auth.accounts import Account, Accounts, Identity, Principal
from .clock import Clock
from .ids import Ids
from .message import Request, Response
from .settings import Settings
from .state.kms import Kms
from .state.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from .auth.access import Decision
    from .auth.explain import Who
    from .server.wsgi import WsgiApp
    from .state.bucket import Bucket


class FakeS3:
    """An in-memory S3 of its own: buckets, objects, uploads. Any number of them live side by side in one process.

    Usable as a context manager (``with FakeS3(region="eu-west-1") as fakes3``): while active, botocore's requests to S3
    are answered here.

    Args:
        settings: keyword arguments of `Settings`: ``region``, ``account``, ``min_part_size``, ``strict_credentials`` ...

    Attributes:
        last_denial: why the last request that was denied was denied (`fakes3part.auth.access.Decision`), or None. A boto3
            caller gets S3's words only; the reason is here and, as a warning, in the log ``fakes3part.access``.
        kms: the keys of SSE-KMS (`fakes3part.state.kms.Kms`): ``fakes3.kms.add_key(state="Disabled")``.
    """

    def __init__(self, **settings: Any) -> None:
        self.settings = Settings(**settings)
        self.clock = Clock()
        self.ids = Ids(self.settings.seed)
        self.store = Store()
        self.kms = Kms(
            self.settings.account, self.settings.region, strict=self.settings.strict_kms, check_policy=_check_key_policy
        )
        self.accounts = Accounts(self.settings.account, strict=self.settings.strict_credentials)
        self.last_denial: Decision | None = None
        self.custom_hosts = tuple(_host(endpoint) for endpoint in self.settings.custom_endpoints)
        self._client_lock = threading.Lock()

    @classmethod
    def from_config(cls, path: str | Path, **settings: Any) -> FakeS3:
        """A fake as a TOML file describes it (`fakes3part.config`); ``settings`` given here win over the file's.

        Raises:
            fakes3part.config.ConfigError: the file is not as described there.
            OSError: it cannot be read.
        """
        from .config import in_file, load_config

        config = load_config(path)
        fake = cls(**{**config.settings, **settings})
        in_file(path, lambda: config.apply(fake.accounts, fake.kms))
        return fake

    def handle(self, request: Request) -> Response:
        """Answer one request, in any thread. Never raises for what a client sent: errors are answers too."""
        from .pipeline import answer

        return answer(self, request)

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
            bucket: its name; None for what needs none (``ListBuckets``).
            caller: None: the root of the fake's own account; ``"anonymous"``; an ARN, account id or access key; or what
                ``add_account`` and ``add_identity`` return.
            headers: of the request that is thought of: policies may ask for them (``{"x-amz-acl": "private"}``).
            query: likewise (``{"prefix": "logs/"}``).
            secure: whether it would come over TLS.

        Returns:
            a `Decision`, true if allowed; its text tells the reason.

        Raises:
            ValueError: no such operation, bucket or caller.
        """
        from .auth.explain import explain, who

        found = None if bucket is None else self.store.get(bucket)
        if bucket is not None and found is None and what not in ("CreateBucket", "s3:CreateBucket"):
            raise ValueError(f"no bucket {bucket!r}")
        return explain(
            what,
            found if "CreateBucket" not in what else None,
            key,
            who(self.accounts, caller),
            name=bucket,
            headers=headers,
            query=query,
            version_id=version_id,
            source_ip=source_ip,
            secure=secure,
            region=self.settings.region,
            clock=self.clock,
        )

    def reset(self) -> None:
        """Forget every bucket, object and upload. Accounts, users and access keys stay: they are configuration."""
        self.store = Store()

    def checkpoint(self) -> Store:
        """The present state, to be given to `rollback`: shares every byte, costs metadata only."""
        return self.store.copy()

    def rollback(self, checkpoint: Store) -> None:
        """Go back to a checkpoint, which can be used again."""
        self.store = checkpoint.copy()

    def add_account(
        self,
        id: str | None = None,  # noqa: A002 -- what the configuration file calls it
        *,
        canonical_id: str | None = None,
        display_name: str | None = None,
        email: str | None = None,
        access_key: str | None = None,
        secret_key: str | None = None,
    ) -> Principal:
        """Add an account, and an access key of its root; what is not given is made up, the same from run to run.

        Requests signed with this key are verified from now on.

        Raises:
            ValueError: something of the wrong form, or that is there already.
        """
        account = self.accounts.add_account(id, canonical=canonical_id, display_name=display_name, email=email)
        return self.accounts.add_key(account, None, access_key, secret_key)

    def add_user(
        self,
        account: str | Account | Principal | None,
        name: str,
        policy: str | Mapping[str, Any] | None = None,
        *,
        access_key: str | None = None,
        secret_key: str | None = None,
    ) -> Principal:
        """Add an IAM user to an account (None: the fake's own), with an access key and an identity policy, a dict or JSON.

        Raises:
            ValueError: something of the wrong form, or that is there already.
        """
        from .config import parse_policy

        owner = self._account(account)
        identity = self.accounts.add_identity(owner.id, name, None if policy is None else parse_policy(policy))
        return self.accounts.add_key(owner, identity, access_key, secret_key)

    def add_session(self, of: Principal, *, expires: datetime | None = None) -> Principal:
        """Temporary credentials of an account or user, as STS gives them; they expire on the fake's clock."""
        return self.accounts.add_session(of, expires)

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
        from .intercept.bound import bound_client

        principal = None if anonymous else self._principal(account, identity)
        with self._client_lock:  # making clients of one session is not thread-safe
            return bound_client(self, self._session, principal, settings)

    @cached_property
    def _session(self) -> Any:
        from .intercept.bound import session

        return session()

    def _account(self, account: str | Account | Principal | None) -> Account:
        if isinstance(account, Principal):
            return account.account
        if isinstance(account, Account):
            return account
        return self.accounts.account(account or self.settings.account)

    def _principal(self, account: str | Account | Principal | None, identity: str | Identity | None) -> Principal:
        if isinstance(account, Principal) and identity is None:
            return account
        owner = self._account(account)
        if identity is None:
            return self.accounts.principal(owner)
        name = identity if isinstance(identity, str) else identity.name
        found = self.accounts.identity(owner.id, name)
        if found is None:
            raise ValueError(f"account {owner.id} has no user {name}")
        return self.accounts.principal(owner, found)

    @property
    def buckets(self) -> dict[str, Bucket]:
        """The buckets by name, for a look inside."""
        return dict(self.store.buckets)

    @cached_property
    def wsgi_app(self) -> WsgiApp:
        """This fake as a WSGI application, for any WSGI server or ``werkzeug.test.Client``."""
        from .server.wsgi import WsgiApp

        return WsgiApp(self)

    def __enter__(self) -> FakeS3:
        from .intercept.active import enter_fake

        enter_fake(self)
        return self

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        from .intercept.active import leave_fake

        leave_fake(self)

    def __repr__(self) -> str:
        return f"<FakeS3 of {len(self.store.buckets)} buckets, region={self.settings.region!r}, seed={self.ids.seed}>"


def _check_key_policy(text: str) -> None:
    """Raise the ValueError that tells what is wrong with the policy of a KMS key; imported when there is one."""
    from .auth.kmspolicy import key_policy

    key_policy(text)


def _host(endpoint: str) -> str:
    """The host name of an endpoint given as URL, ``host:port`` or host."""
    host = endpoint.partition("://")[2] or endpoint
    return host.partition("/")[0].rpartition("@")[2].partition(":")[0].lower()
