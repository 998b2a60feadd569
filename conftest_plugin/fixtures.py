"""The plugin's fixtures. Nearly all have function scope, so that each test starts with an empty S3.

``fakes3`` and ``fakes3_server`` use the same fixture ``_fakes3_state``, so that a test that requests both gets one fake. If a
test uses ``fakes3_module`` or ``fakes3_session``, that is its fake, and its state is restored after each test.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, cast

import pytest

from .marker import BUCKETS, OTHERS, check, marker_keywords, marker_settings, wider_scoped_fixtures
from .record import recorder
from .report import watching
from .settings import MakeFakeS3, ini_settings
from .target import RealS3, bucket_name, skip, target
from .target import client as real_client
from .target import resource as real_resource

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client, S3ServiceResource
    from types_boto3_s3.service_resource import Bucket
    from types_boto3_s3.type_defs import CreateBucketConfigurationTypeDef
    from typing_extensions import Unpack

    from fakes3part.api.fakes3 import FakeS3
    from fakes3part.api.server import Server
    from fakes3part.clock import Clock
    from fakes3part.settings import SettingsKwargs

BUCKET = "fakes3-bucket"


@pytest.fixture(scope="session")
def fakes3_config() -> SettingsKwargs:
    """Settings of every fake that the fixtures make (``region``, ``min_part_size`` ...): override it in a conftest.py.

    The marker ``fakes3`` wins over it, and it wins over ini options and environment variables. (An override may be of any scope;
    ``fakes3_session`` needs one of session scope.)
    """
    return {}


def _settings(config: pytest.Config, fakes3_config: SettingsKwargs) -> SettingsKwargs:
    """Return the settings of ini options and, before them, of the fixture ``fakes3_config``."""
    from fakes3part.settings import SettingError, Settings

    try:
        Settings(**fakes3_config)
    except SettingError as error:
        pytest.fail(f"fixture fakes3_config: {error}", pytrace=False)
    return {**ini_settings(config), **fakes3_config}


@pytest.fixture
def make_fakes3(request: pytest.FixtureRequest, fakes3_config: SettingsKwargs) -> Iterator[MakeFakeS3]:
    """A factory of more fakes: ``make_fakes3(**settings)``. Each has its own state and intercepts only inside ``with``."""
    if (url := target(request.config)) is not None:
        skip(url, "make_fakes3")
    defaults = _settings(request.config, fakes3_config)
    with watching(request.node) as watched, ExitStack() as made:

        def make(**settings: Unpack[SettingsKwargs]) -> FakeS3:
            from fakes3part.api.fakes3 import FakeS3

            merged: SettingsKwargs = {**defaults, **settings}
            return watched(made.enter_context(closing(FakeS3(**merged))))

        yield make


@pytest.fixture(scope="session")
def fakes3_session(request: pytest.FixtureRequest, fakes3_config: SettingsKwargs) -> Iterator[FakeS3]:
    """One FakeS3 for the whole run, to be filled by fixtures of session scope (``fakes3_session.seed({...})``).

    A test that uses it, itself or by a fixture, has it as its ``fakes3``: it intercepts while the test runs, and afterwards its
    state is restored, the clock's included. Nothing is copied, so this takes no time.
    """
    if (url := target(request.config)) is not None:
        skip(url, "fakes3_session")
    from fakes3part.api.fakes3 import FakeS3

    with _in_use(FakeS3(**_settings(request.config, fakes3_config))) as fake:
        yield fake


@pytest.fixture(scope="module")
def fakes3_module(fakes3_session: FakeS3) -> Iterator[FakeS3]:
    """One FakeS3 for a module, a fork of ``fakes3_session``; used like that."""
    with _in_use(fakes3_session.fork()) as fake:
        yield fake


@contextmanager
def _in_use(fake: FakeS3) -> Iterator[FakeS3]:
    """Keep the server of the fake, if one is started, running until the block ends."""
    fake._begin_use()
    try:
        yield fake
    finally:
        fake._end_use()


@contextmanager
def _restored_afterwards(fake: FakeS3) -> Iterator[None]:
    """Restore a fake that tests share to what it was before the block."""
    with ExitStack() as steps:  # run from the last to the first, all of them even if one fails
        steps.callback(fake.restore, fake.snapshot())
        steps.callback(fake.reset)
        steps.callback(fake.on_lifecycle.__setitem__, slice(None), list(fake.on_lifecycle))
        yield


@pytest.fixture
def _fakes3_state(request: pytest.FixtureRequest, make_fakes3: MakeFakeS3) -> Iterator[FakeS3]:
    check(request.node)
    buckets = marker_keywords(request.node).get(BUCKETS, ())
    shared: list[FakeS3] = [request.getfixturevalue(name) for name in wider_scoped_fixtures(request.node)]
    fake = shared[0] if shared else make_fakes3(**marker_settings(request.node))
    with ExitStack() as stack:
        for shared_fake in shared:
            stack.enter_context(_restored_afterwards(shared_fake))
            stack.enter_context(watching(request.node))(shared_fake)
        stack.enter_context(_in_use(fake))
        if buckets:
            from fakes3part.intercept.activation import intercepted

            with intercepted(fake), closing(_client(fake)) as client:
                for name in buckets:
                    _create(client, name)
            fake.calls.clear()  # the test shall find only its own calls
            fake.events.clear()
        yield fake


@pytest.fixture
def fakes3(request: pytest.FixtureRequest) -> Iterator[FakeS3]:
    """The FakeS3 of this test, which handles every S3 request of botocore's clients while the test runs."""
    if (url := target(request.config)) is not None:
        check(request.node)
        if marker_keywords(request.node):
            skip(url, "its marker")
        with _recorded(request.config):
            yield cast("FakeS3", RealS3(url))
        return
    from fakes3part.api.moto_config import read_config
    from fakes3part.intercept import others
    from fakes3part.intercept.activation import intercepted

    fake: FakeS3 = request.getfixturevalue("_fakes3_state")
    with intercepted(fake, read_config(None, marker_keywords(request.node).get(OTHERS) or others.default())):
        yield fake


@pytest.fixture
def fakes3_clock(fakes3: FakeS3) -> Clock:
    """The clock of ``fakes3``: ``fakes3_clock.advance(days=31)``, ``.freeze()``, ``.move_to("2027-01-01")``."""
    return fakes3.clock


@pytest.fixture
def fakes3_client(request: pytest.FixtureRequest, fakes3: FakeS3) -> Iterator[S3Client]:
    """A boto3 S3 client in the fake's region."""
    recording_fake = recorder(request.config)
    if recording_fake is None and (url := target(request.config)) is not None:
        with real_client(url) as client:
            yield client
        return
    fake = recording_fake or fakes3
    if recording_fake is not None or not fake.settings.share_models:
        with closing(_client(fake)) as client:
            yield client
        return
    from .kept_client import kept_client

    with kept_client(fake.settings.region) as client:
        yield client


@pytest.fixture
def fakes3_resource(request: pytest.FixtureRequest, fakes3: FakeS3) -> Iterator[S3ServiceResource]:
    """A boto3 S3 resource in the fake's region."""
    recording_fake = recorder(request.config)
    if recording_fake is None and (url := target(request.config)) is not None:
        with real_resource(url) as resource:
            yield resource
        return
    import boto3

    resource = boto3.resource("s3", region_name=(recording_fake or fakes3).settings.region)
    with closing(resource.meta.client):
        yield resource


@pytest.fixture
def fakes3_bucket(request: pytest.FixtureRequest, fakes3_resource: S3ServiceResource) -> Bucket:
    """One ready, empty bucket, as boto3's ``Bucket``.

    Code under test takes its ``.name``; the test itself uses ``.put_object()``, ``.objects.all()`` and so on.
    """
    bucket = fakes3_resource.Bucket(BUCKET if target(request.config) is None or recorder(request.config) else bucket_name())
    _create(fakes3_resource.meta.client, bucket.name)
    return bucket


@pytest.fixture
def fakes3_server(_fakes3_state: FakeS3) -> Iterator[Server]:
    """A running HTTP server on 127.0.0.1, at a free port (``.url``), with the same state as ``fakes3``. It intercepts nothing."""
    from fakes3part.api.server import Server

    with Server(_fakes3_state) as server:
        yield server


@contextmanager
def _recorded(config: pytest.Config) -> Iterator[None]:
    """Record the calls of all clients while the block runs, if the run is recorded."""
    recording_fake = recorder(config)
    if recording_fake is None:
        yield
        return
    from fakes3part.intercept.activation import intercepted

    with intercepted(recording_fake):
        yield


def _client(fake: FakeS3) -> S3Client:
    import boto3

    client: S3Client = boto3.client("s3", region_name=fake.settings.region)
    return client


def _create(client: S3Client, name: str) -> None:
    region = client.meta.region_name
    if region == "us-east-1":  # S3 refuses this one as a LocationConstraint
        client.create_bucket(Bucket=name)
    else:
        configuration = cast("CreateBucketConfigurationTypeDef", {"LocationConstraint": region})
        client.create_bucket(Bucket=name, CreateBucketConfiguration=configuration)
