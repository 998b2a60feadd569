"""`FakeS3`: the object that users hold."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from ..argument_checks import check_keywords, check_path, check_text, wrong
from ..collector import collecting_no_garbage
from ..locks import LazyLock, new_lock
from ..settings import Settings, from_environment
from ..text import alternatives
from .account_methods import AccountMethods
from .endpoint_methods import EndpointMethods
from .instrumentation_methods import InstrumentationMethods
from .live_fakes import share_with_children
from .state_methods import StateMethods

if TYPE_CHECKING:
    from pathlib import Path

    from types_boto3_s3 import S3Client
    from typing_extensions import Self, Unpack

    from ..auth.callers import Account, Identity, Principal
    from ..backend import Backend
    from ..intercept.botocore.bound_client import ClientOptions
    from ..message import Request, Response
    from ..server.wsgi import WsgiApp
    from ..settings import SettingsKwargs
    from ..state.access_control import PublicAccessBlock
    from ..state.access_points import AccessPoint
    from ..state.object_lambda import Handler, ObjectLambda


@cache
def _pipeline() -> Callable[[Backend, Request], Response]:
    """Return the function that handles requests. It is imported by the first one: it loads the operations."""
    with collecting_no_garbage():
        from ..pipeline import handle
        from ..protocol.routes import prepare

        prepare()
    return handle


class FakeS3(InstrumentationMethods, StateMethods, AccountMethods, EndpointMethods):
    """An in-memory S3 with its own buckets, objects and uploads. Any number of them live side by side in one process.

    As a context manager (``with FakeS3(region="eu-west-1") as fakes3``) it handles the requests of botocore's clients to S3.

    Args:
        settings: keyword arguments of `Settings`: ``region``, ``account``, ``min_part_size``, ``strict_credentials`` ...

    Its attributes (``kms``, ``clock``, ``calls``, ``last_denial``, ``vpc`` ...) are described at `Backend`.
    """

    _client_lock = LazyLock(new_lock)

    def __init__(self, **settings: Unpack[SettingsKwargs]) -> None:
        super().__init__(Settings.with_environment(**settings))
        share_with_children(self)

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

        check_path(path=path)
        config = load_config(path)
        merged: SettingsKwargs = {**config.settings, **from_environment(), **settings}
        fake = cls(**merged)
        in_file(path, lambda: config.apply(fake.accounts, fake.kms))
        return fake

    def handle(self, request: Request) -> Response:
        """Handle one request, in any thread. S3's errors are returned as responses, never raised."""
        return _pipeline()(self, request)

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
        """Add an Object Lambda access point to a bucket: objects are read through a function, which may change them.

        The function gets AWS's event and calls ``write_get_object_response``, for which `client` returns a client. Clients
        address the access point by the ``arn`` of what is returned or, at any endpoint, by its ``alias``.

        Args:
            handler: ``handler(event, context)``, as AWS Lambda calls it; it runs in the thread that the request came in.
            actions: the operations that call the function. For ``"HeadObject"`` the function returns the response.
            features: ``"GetObject-Range"``, ``"GetObject-PartNumber"`` ...: S3 refuses ranges and part numbers without them.
            payload: the text of the event's ``configuration``.
            account: the owner; None: the fake's own account.
            region: None: the fake's region.
            endpoint_url: the URL of a `Server` of this fake for the event's ``inputS3Url``, which HTTP clients other than
                botocore need; None: the host that the request came to.

        Raises:
            ValueError: the name or another argument has the wrong form.
        """
        from ..state.object_lambda import ObjectLambda

        check_text("the name of an AWS region", region=region)
        owner, region = self._account(account).id, region or self.settings.region
        # A string is no list of its letters.
        actions, features = ([text] if isinstance(text, str) else text for text in (actions, features))
        access_point = ObjectLambda(
            name, owner, region, bucket, handler, frozenset(actions), frozenset(features), payload, endpoint_url
        )
        return self.lambdas.add(access_point)

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
        """Add an access point to a bucket, as S3 Control's CreateAccessPoint does. It is in the bucket's region.

        Clients use its ``arn`` or, at any endpoint, its ``alias`` as ``Bucket``.

        Args:
            bucket: the name of an existing bucket, or the ARN of one on an Outpost.
            account: the owner of the access point; None: the bucket's owner.
            policy: the access point's policy, a dict or JSON; None: it has none.
            vpc: the VPC that requests must come from (the fake's attribute ``vpc`` says where they do); None: the internet. An
                access point on an Outpost needs a VPC.
            block: its public access block; None: all four settings on, as S3's default is.

        Raises:
            ValueError: there is no such bucket, a name or the policy has the wrong form, or the access point exists already.
        """
        from ..operations.access_points import manage
        from ..state.access_control import BLOCK_ALL, PublicAccessBlock

        check_text(name=name, bucket=bucket, vpc=vpc)
        text = json.dumps(policy) if isinstance(policy, Mapping) else policy
        check_text("a dictionary or JSON", policy=text)
        if block is not None and not isinstance(block, PublicAccessBlock):
            raise wrong("block", "a PublicAccessBlock", block)
        advice = {
            "InvalidAccessPoint": lambda: f"{manage.NAME_RULE}; it is {name!r}",
            "NoSuchBucket": lambda: f"{bucket!r}; {alternatives(bucket, self.store.buckets)}",
            "AccessPointAlreadyOwnedByYou": lambda: repr(name),
            "MalformedPolicy": lambda: "policy",
        }
        with _s3_errors_as_value_errors(advice):
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
        """Create a bucket on an Outpost. Outposts need not be created: every well-formed id is one.

        Args:
            account: the owner; None: the fake's own account.
            region: None: the fake's region.

        Returns:
            the bucket's ARN, for `add_access_point` and S3 Control. Objects are reached through an access point only.

        Raises:
            ValueError: the name or id has the wrong form, or the account has this bucket already.
        """
        from ..operations.access_points import manage
        from ..rules.names import bucket_name_advice

        check_text(name=name, outpost=outpost, region=region)
        owner, region = self._account(account).id, region or self.settings.region
        advice = {
            "InvalidBucketName": lambda: f"{name!r}; {bucket_name_advice(name)}",
            "InvalidArgument": lambda: f"an id is op- and 17 hexadecimal digits in lower case, not {outpost!r}",
            "BucketAlreadyOwnedByYou": lambda: repr(name),
        }
        with _s3_errors_as_value_errors(advice):
            created = manage.add_outposts_bucket(self.store, name, owner, region, outpost, self.clock.now())
            return manage.bucket_arn(created)

    def client(
        self,
        account: str | Account | Principal | None = None,
        identity: str | Identity | None = None,
        *,
        anonymous: bool = False,
        **options: Unpack[ClientOptions],
    ) -> S3Client:
        """Return a boto3 S3 client of this fake, which needs no interception. Close it like any other.

        Args:
            account: who signs: an account id, or what `add_account`, `add_user` and `add_session` return; None: the fake's own
                account.
            identity: the name of a user of the account; None: ``account`` itself, the root user if it is an account.
            anonymous: whether requests are not signed at all.
            options: arguments of ``boto3.session.Session.client`` (``region_name``, ``config``, ``endpoint_url`` ...).

        Raises:
            TypeError: there is no such option.
            ValueError: the account is none, or has no such user.
        """
        from ..intercept.botocore.bound_client import ClientOptions, bound_client

        check_keywords(options, ["account", "identity", "anonymous", *sorted(ClientOptions.__annotations__)])
        check_text("the name of an AWS region", region_name=options.get("region_name"))
        principal = None if anonymous else self._principal(account, identity)
        with self._client_lock:  # making clients of one session is not thread-safe
            return bound_client(self, self._session, principal, options)

    @cached_property
    def _session(self) -> Any:
        from ..intercept.botocore.bound_client import new_session

        return new_session()

    @cached_property
    def wsgi_app(self) -> WsgiApp:
        """This fake as a WSGI application, for any WSGI server or ``werkzeug.test.Client``."""
        from ..server.wsgi import WsgiApp

        return WsgiApp(self)

    def fork(self) -> Self:
        """Return another fake with the same settings, state, accounts and time; later changes of one do not show in the other.

        ``copy.copy(fakes3)`` does the same.
        """
        twin = type(self)(**self.settings.keywords())
        twin.accounts = self.accounts.copy()
        twin.snapshots = dict(self.snapshots)
        twin.restore(self.snapshot())
        return twin

    __copy__ = fork

    def __enter__(self) -> FakeS3:
        from ..intercept.activation import enter_fake, leave

        entry = enter_fake(self)
        try:
            self._begin_use()
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
            self._end_use()

    def __repr__(self) -> str:
        return f"<FakeS3 of {len(self.store.buckets)} buckets, region={self.settings.region!r}, seed={self.ids.seed}>"


@contextmanager
def _s3_errors_as_value_errors(advice: Mapping[str, Callable[[], str]]) -> Iterator[None]:
    """Raise S3's errors as ValueError, which Python callers expect.

    Args:
        advice: makes what S3's text does not say, by the code of the error: what was passed, and what is allowed.
    """
    from ..errors import S3Error

    try:
        yield
    except S3Error as error:
        reason = f" ({advice[error.code]()})" if error.code in advice else ""
        raise ValueError(f"{error}{reason}") from None
