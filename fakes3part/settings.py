"""The settings of a fake, declared here once: names, types, defaults, checks and help texts.

Everything else is derived from `Settings`: keyword arguments, the pytest marker and ini options, environment variables, the
keys of a TOML file, the flags of ``fakes3part serve``. A new setting is a field of `Settings`, the same name and type in
`SettingsKwargs` (type checkers cannot derive one from the other; a test compares them), and a row of docs/reference/settings.md.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypedDict, TypeVar, cast

from .leniences import ALL as ALL_LENIENCES
from .setting_kinds import (
    ACCOUNT,
    COUNT,
    ENDPOINTS,
    LENIENCES,
    NUMBER,
    PAGE,
    PAGE_SIZE,
    REGION,
    SECONDS,
    SIZE,
    SWITCH,
    TOKEN,
    Kind,
    or_none,
    parse_switch,
)
from .text import similar, suggestion_or_all

if TYPE_CHECKING:
    from typing_extensions import Unpack

T = TypeVar("T")

DEFAULT_ACCOUNT = "123456789012"
MIN_PART_SIZE = 5 * 1024 * 1024
MAX_BODY_SIZE = 5 * 1024**3
MAX_HEADER_SIZE = 8 * 1024
MAX_TRAILER_SIZE = 16 * 1024
MAX_FORM_SIZE = 20 * 1024
ENVIRONMENT_PREFIX = "FAKES3PART_"
MOTO_CROSS_ACCOUNT_ACCESS = "MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS"
"""A variable of moto: ``true`` switches one lenience on; ``false`` leaves it out of those that are the default somewhere."""
_CROSS_ACCOUNT_LENIENCE = "other_accounts"


class SettingError(ValueError):
    """A setting was refused. The message names the setting, the value, and what is allowed."""


class UnknownSettingError(SettingError, TypeError):
    """There is no setting of this name. (A `TypeError` too, as for any unknown keyword argument.)"""


class Setting(NamedTuple):
    """One declared setting.

    Attributes:
        help: one sentence without its full stop, for the flag and the ini option.
        moto_variable: moto's environment variable of the same meaning; None: there is none.
        is_secret: whether its value must not be shown.
    """

    name: str
    default: object
    kind: Kind
    help: str
    moto_variable: str | None = None
    is_secret: bool = False

    @property
    def variable(self) -> str:
        """The name of its environment variable."""
        return ENVIRONMENT_PREFIX + self.name.upper()

    @property
    def ini_option(self) -> str:
        return f"fakes3_{self.name}"

    @property
    def flag(self) -> str:
        return f"--{self.name.replace('_', '-')}"

    def check(self, value: object) -> object:
        """Return the value to store.

        Raises:
            SettingError: the value is not allowed.
        """
        try:
            return self.kind.check(value)
        except ValueError:
            raise self._refusal(value) from None

    def parse(self, text: str) -> object:
        """Return the value that an environment variable, ini option or flag gives as text.

        Raises:
            SettingError: the value is not allowed.
        """
        try:
            return self.kind.check(self.kind.parse(text.strip()))
        except ValueError:
            raise self._refusal(text) from None

    def _refusal(self, value: object) -> SettingError:
        value_text = "the one that was passed" if self.is_secret else repr(value)
        value_text = value_text if len(value_text) <= 60 else f"{value_text[:57]}..."
        return SettingError(f"{self.name} must be {self.kind.allowed}, not {value_text}")


def _declare(
    default: T,
    kind: Kind,
    help: str,  # noqa: A002 -- argparse's word
    moto_variable: str | None = None,
    *,
    is_secret: bool = False,
) -> T:
    metadata = {"kind": kind, "help": help, "moto_variable": moto_variable, "is_secret": is_secret}
    return field(default=default, repr=not is_secret, metadata=metadata)


class SettingsKwargs(TypedDict, total=False):
    """The keyword arguments of `Settings`, for ``**settings: Unpack[SettingsKwargs]``."""

    region: str
    account: str
    min_part_size: int
    default_max_keys: int
    custom_endpoints: Sequence[str]
    path_style_only: bool
    seed: int | None
    strict_credentials: bool
    strict_destinations: bool
    strict_kms: bool
    strict_regions: bool | None
    strict_sse_c: bool
    lenient: bool | str | Sequence[str]
    legacy_defaults: bool
    block_sse_c: bool
    metadata_v1: bool
    replication_delay: int
    journal_size: int
    share_models: bool
    control_token: str | None
    max_bytes: int | None
    max_body_size: int
    max_header_size: int
    max_trailer_size: int
    max_form_size: int


@dataclass(frozen=True, init=False)
class Settings:
    """The settings of one `FakeS3`. By default it does as S3 does.

    Raises:
        UnknownSettingError: a keyword is not the name of a setting.
        SettingError: a value is not allowed.
    """

    region: str = _declare(
        "us-east-1",
        REGION,
        "region of endpoints whose host names none, such as a server on 127.0.0.1, for requests without a SigV4 signature",
    )
    account: str = _declare(
        DEFAULT_ACCOUNT,
        ACCOUNT,
        "account that an access key belongs to, unless it is itself a 12-digit account id",
        "MOTO_ACCOUNT_ID",
    )
    min_part_size: int = _declare(
        MIN_PART_SIZE,
        SIZE,
        "smallest size that CompleteMultipartUpload accepts for every part but the last (S3's: 5 MiB)",
        "S3_UPLOAD_PART_MIN_SIZE",
    )
    default_max_keys: int = _declare(
        PAGE_SIZE,
        PAGE,
        "page size of listings of objects and versions that are requested without max-keys (S3's: 1000)",
        "MOTO_S3_DEFAULT_MAX_KEYS",
    )
    custom_endpoints: Sequence[str] = _declare(
        (),
        ENDPOINTS,
        "hosts that belong to the fake beside AWS's own; a bucket's name may stand in front (bucket.HOST)",
        "MOTO_S3_CUSTOM_ENDPOINTS",
    )
    path_style_only: bool = _declare(
        False,
        SWITCH,
        "take the bucket from the path at every host that is not AWS's own, also at bucket.localhost",
        "S3_IGNORE_SUBDOMAIN_BUCKETNAME",
    )
    seed: int | None = _declare(
        None,
        or_none(NUMBER, "a whole number or None"),
        "makes request, upload and version ids repeatable, and stops the clock at 2026-01-01T00:00:00Z until a test moves it",
    )
    strict_credentials: bool = _declare(False, SWITCH, "refuse access keys that were not added (InvalidAccessKeyId)")
    strict_destinations: bool = _declare(
        False,
        SWITCH,
        "refuse notifications to destinations that do not exist: that neither deliver_to has registered nor moto or an endpoint "
        "knows",
    )
    strict_kms: bool = _declare(
        False, SWITCH, "know only KMS keys that were added; otherwise every well-formed key of the caller's account exists"
    )
    strict_regions: bool | None = _declare(
        None,
        or_none(SWITCH, "true, false or None"),
        "true: at hosts without a region too, a signature must be for the bucket's region; false: every endpoint serves every "
        "bucket; not set: as AWS, and a host without a region has that of the signature and serves any bucket",
    )
    strict_sse_c: bool = _declare(
        False, SWITCH, "refuse SSE-C in requests over plain HTTP, as S3 does; a server speaks HTTPS with serve --tls"
    )
    lenient: bool | str | Sequence[str] = _declare(
        (),
        LENIENCES,
        "accept what S3 once accepted or a fake can: all leniences, or those that are named; each use is reported",
    )
    legacy_defaults: bool = _declare(
        False,
        SWITCH,
        "create buckets with S3's defaults of before April 2023: ACLs enabled, public access not blocked, DisplayName returned",
    )
    block_sse_c: bool = _declare(
        False,
        SWITCH,
        "refuse SSE-C as new buckets of S3 since 2026 do, until PutBucketEncryption allows it (BlockedEncryptionTypes NONE)",
    )
    metadata_v1: bool = _declare(False, SWITCH, "allow the V1 operations of S3 Metadata, which S3 refuses to new accounts")
    replication_delay: int = _declare(
        0, SECONDS, "seconds of the fake's clock until a change is replicated (0: it is when its response is there)"
    )
    journal_size: int = _declare(10_000, COUNT, "how many calls, and how many events, are remembered; older ones are dropped")
    share_models: bool = _declare(True, SWITCH, "let botocore's sessions share what they read from botocore's own files")
    control_token: str | None = _declare(
        None,
        or_none(TOKEN, "a text of visible ASCII characters, or None"),
        "demand this token of control requests to a server, in the header X-Fakes3part-Token; health checks need none",
        is_secret=True,
    )
    max_bytes: int | None = _declare(
        None,
        or_none(SIZE, "a whole number of bytes, 0 or more, or None"),
        "refuse writes (EntityTooLarge) when objects, versions, parts, annotations and bodies in flight would have more bytes",
    )
    max_body_size: int = _declare(
        MAX_BODY_SIZE,
        SIZE,
        "largest body of PutObject, UploadPart and a form; servers read no larger body of any request (S3's: 5 GiB)",
    )
    max_header_size: int = _declare(
        MAX_HEADER_SIZE, SIZE, "most bytes of all headers of a request, names and values (S3's: 8 KiB)"
    )
    max_trailer_size: int = _declare(
        MAX_TRAILER_SIZE, SIZE, "most bytes of the HTTP trailers after a chunked body that a server reads"
    )
    max_form_size: int = _declare(MAX_FORM_SIZE, SIZE, "most bytes of a form's fields before its file (S3's: 20 KiB)")

    def __init__(self, **settings: Unpack[SettingsKwargs]) -> None:
        values = dict(_DEFAULTS)
        for name, value in settings.items():
            values[name] = setting(name).check(value)
        self.__dict__.update(values)

    @classmethod
    def with_environment(cls, **settings: Unpack[SettingsKwargs]) -> Settings:
        """Return these settings; those that are not given come from environment variables, else they have their defaults.

        Raises:
            SettingError: as of `Settings`, or an environment variable was refused.
        """
        from_variables = from_environment()
        merged: SettingsKwargs = {**from_variables, **settings}
        return cls(**merged) if merged else _DEFAULT_SETTINGS

    @property
    def max_upload(self) -> int:
        """The largest body of an upload: ``max_bytes`` may allow less than ``max_body_size``."""
        return self.max_body_size if self.max_bytes is None else min(self.max_body_size, self.max_bytes)

    @property
    def leniences(self) -> tuple[str, ...]:
        """The names of the leniences that ``lenient`` switches on."""
        return cast("tuple[str, ...]", self.lenient)

    def keywords(self) -> SettingsKwargs:
        """Return the keyword arguments that make equal settings."""
        return cast(SettingsKwargs, dict(self.__dict__))


SETTINGS: Mapping[str, Setting] = {
    declared.name: Setting(declared.name, declared.default, **declared.metadata) for declared in fields(Settings)
}
"""Every setting by its name, in the order of their declaration."""

MOTO_VARIABLES: Mapping[str, Setting] = {
    declared.moto_variable: declared for declared in SETTINGS.values() if declared.moto_variable is not None
}
"""The settings that environment variables of moto give, by the variable's name."""

_DEFAULTS: Mapping[str, object] = {name: declared.default for name, declared in SETTINGS.items()}
_DEFAULT_SETTINGS = Settings()


def setting(name: str) -> Setting:
    """Return a setting by its name.

    Raises:
        UnknownSettingError: there is none of this name.
    """
    declared = SETTINGS.get(name)
    if declared is None:
        raise UnknownSettingError(f"unknown setting {name!r}{suggestion_or_all(name, list(SETTINGS))}")
    return declared


def from_environment(environment: Mapping[str, str] | None = None) -> SettingsKwargs:
    """Return the settings that environment variables give, such as ``FAKES3PART_REGION``; empty ones are ignored.

    moto's variables, such as ``MOTO_ACCOUNT_ID``, count where ours of the same meaning is not set.

    Args:
        environment: the variables; None: those of this process.

    Raises:
        SettingError: a variable's value is not allowed, or its name is a misspelt one. Other unknown variables of our prefix are
            ignored: for a service named "fakes3part", Kubernetes sets ``FAKES3PART_PORT`` and others in every container.
    """
    variables = _variables(os.environ if environment is None else environment)
    from_variables: SettingsKwargs = {}
    if not variables:
        return from_variables
    values: dict[str, object] = {}
    for variable, text in variables.items():
        name = variable[len(ENVIRONMENT_PREFIX) :].lower()
        if variable == MOTO_CROSS_ACCOUNT_ACCESS:
            if (
                text.strip()
                and _allows_cross_account_access(text)
                and not variables.get(SETTINGS["lenient"].variable, "").strip()
            ):
                values["lenient"] = (_CROSS_ACCOUNT_LENIENCE,)
        elif variable in MOTO_VARIABLES:
            declared = MOTO_VARIABLES[variable]
            if text.strip() and not variables.get(declared.variable, "").strip():
                values[declared.name] = _named(f"environment variable {variable}", partial(declared.parse, text))
        elif name in SETTINGS:
            if text.strip():
                values[name] = _named(f"environment variable {variable}", partial(SETTINGS[name].parse, text))
        elif close := similar(name, SETTINGS, limit=2, cutoff=0.7):
            suggested = " or ".join(SETTINGS[setting_name].variable for setting_name in close)
            raise UnknownSettingError(f"unknown environment variable {variable}; did you mean {suggested}?")
    return cast(SettingsKwargs, values)


def lenient_by_default(settings: SettingsKwargs) -> SettingsKwargs:
    """Return the settings, with every lenience if neither they nor environment variables set ``lenient``.

    Raises:
        SettingError: the value of an environment variable is not allowed.
    """
    variables = _variables(os.environ)
    if "lenient" in settings or variables.get(SETTINGS["lenient"].variable, "").strip():
        return settings
    excluded = (
        () if _allows_cross_account_access(variables.get(MOTO_CROSS_ACCOUNT_ACCESS, "true")) else (_CROSS_ACCOUNT_LENIENCE,)
    )
    lenient: SettingsKwargs = {"lenient": [name for name in ALL_LENIENCES if name not in excluded]}
    return {**lenient, **settings}


def _allows_cross_account_access(text: str) -> bool:
    if not text.strip():
        return True
    try:
        return parse_switch(text.strip())
    except ValueError:
        raise SettingError(f"environment variable {MOTO_CROSS_ACCOUNT_ACCESS} must be {SWITCH.allowed}, not {text!r}") from None


_ENCODED_MOTO_VARIABLES = frozenset(map(getattr(os.environ, "encodekey", str), (*MOTO_VARIABLES, MOTO_CROSS_ACCOUNT_ACCESS)))


def _variables(environment: Mapping[str, str]) -> Mapping[str, str]:
    """Return the variables that may give settings."""
    # Every fake that is made comes here, nearly always for nothing. `os.environ` decodes each name that it lists, so search the
    # encoded names beneath it first; a mapping without them is listed itself.
    encoded = getattr(environment, "_data", None)
    if encoded is not None:
        prefix = getattr(environment, "encodekey", str)(ENVIRONMENT_PREFIX)
        if prefix not in prefix[:0].join(encoded) and encoded.keys().isdisjoint(_ENCODED_MOTO_VARIABLES):
            return {}
    return {
        name: text
        for name, text in environment.items()
        if name.startswith((ENVIRONMENT_PREFIX, MOTO_CROSS_ACCOUNT_ACCESS)) or name in MOTO_VARIABLES
    }


def _named(source: str, read: Callable[[], T]) -> T:
    """Return ``read()``; a `SettingError` names its source first."""
    try:
        return read()
    except SettingError as error:
        raise type(error)(f"{source}: {error}") from None
