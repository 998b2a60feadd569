"""Settings: declared once, the same from every source, refused with a sentence."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from ast import literal_eval
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from fakes3part import FakeS3, Server, SettingError, Settings, mock_s3
from fakes3part.cli.main import _parser, main
from fakes3part.cli.serve import make_fake
from fakes3part.settings import MOTO_VARIABLES, SETTINGS, SettingsKwargs, UnknownSettingError, from_environment

ROOT = Path(__file__).parent.parent
OTHERS: dict[str, tuple[object, str]] = {
    "region": ("eu-west-1", "eu-west-1"),
    "account": ("111122223333", "111122223333"),
    "min_part_size": (1, "1"),
    "default_max_keys": (7, "7"),
    "custom_endpoints": (("minio.test:9000", "https://other.test/"), "minio.test:9000, https://other.test/"),
    "path_style_only": (True, "true"),
    "seed": (-7, "-7"),
    "strict_credentials": (True, "true"),
    "strict_destinations": (True, "true"),
    "strict_kms": (True, "YES"),
    "strict_regions": (False, "0"),
    "strict_sse_c": (True, "true"),
    "lenient": (("bucket_names", "acls"), "acls, bucket_names"),
    "legacy_defaults": (True, "on"),
    "block_sse_c": (True, "true"),
    "metadata_v1": (True, "true"),
    "replication_delay": (900, "900"),
    "journal_size": (0, " 0 "),
    "share_models": (False, "off"),
    "control_token": ("a-token", "a-token"),
    "max_bytes": (1_000_000, "1000000"),
    "max_body_size": (1, "1"),
    "max_header_size": (9000, "9000"),
    "max_trailer_size": (2, "2"),
    "max_form_size": (3, "3"),
}
"""Of each setting, a value that is not its default, and how it may be written as text."""

REGION = 'region must be the name of an AWS region, such as "us-east-1", not '
ACCOUNT = "account must be the 12 digits of an AWS account id, as a string, not "
SIZE = "min_part_size must be a whole number of bytes, 0 or more, not "
ENDPOINTS = 'custom_endpoints must be a list of hosts or URLs, such as ["minio.test:9000"], not '
LENIENT = "lenient must be true, false or a list of names among bucket_names, acls, anonymous, other_accounts, credentials, not "
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"region": 5}, f"{REGION}5"),
    ({"region": "us-east1"}, f"{REGION}'us-east1'"),
    ({"region": "US-EAST-1"}, f"{REGION}'US-EAST-1'"),
    ({"region": "us-east-1a"}, f"{REGION}'us-east-1a'"),
    ({"region": ""}, f"{REGION}''"),
    ({"account": "12"}, f"{ACCOUNT}'12'"),
    ({"account": 123456789012}, f"{ACCOUNT}123456789012"),
    ({"account": "１２３４５６７８９０１２"}, f"{ACCOUNT}'１２３４５６７８９０１２'"),
    ({"min_part_size": "5MB"}, f"{SIZE}'5MB'"),
    ({"min_part_size": -1}, f"{SIZE}-1"),
    ({"min_part_size": True}, f"{SIZE}True"),
    ({"min_part_size": None}, f"{SIZE}None"),
    ({"custom_endpoints": "minio.test"}, f"{ENDPOINTS}'minio.test'"),
    ({"custom_endpoints": ["minio.test", 1]}, f"{ENDPOINTS}['minio.test', 1]"),
    ({"custom_endpoints": ["a b"]}, f"{ENDPOINTS}['a b']"),
    ({"custom_endpoints": None}, f"{ENDPOINTS}None"),
    ({"default_max_keys": 0}, "default_max_keys must be a whole number from 1 to 1000, not 0"),
    ({"default_max_keys": 1001}, "default_max_keys must be a whole number from 1 to 1000, not 1001"),
    ({"default_max_keys": True}, "default_max_keys must be a whole number from 1 to 1000, not True"),
    ({"path_style_only": None}, "path_style_only must be true or false, not None"),
    ({"seed": 1.5}, "seed must be a whole number or None, not 1.5"),
    ({"seed": "x" * 100}, f"seed must be a whole number or None, not '{'x' * 56}..."),
    ({"strict_kms": 1}, "strict_kms must be true or false, not 1"),
    ({"strict_credentials": "true"}, "strict_credentials must be true or false, not 'true'"),
    ({"strict_regions": "no"}, "strict_regions must be true, false or None, not 'no'"),
    ({"lenient": "names"}, f"{LENIENT}'names'"),
    ({"lenient": ["acls", "names"]}, f"{LENIENT}['acls', 'names']"),
    ({"lenient": None}, f"{LENIENT}None"),
    ({"lenient": 1}, f"{LENIENT}1"),
    ({"journal_size": -1}, "journal_size must be a whole number, 0 or more, not -1"),
]
UNKNOWN = {
    "regoin": "unknown setting 'regoin'; did you mean 'region'?",
    "strict_region": "unknown setting 'strict_region'; did you mean 'strict_regions'?",
    "x": f"unknown setting 'x'; known are {', '.join(SETTINGS)}",
}


@pytest.fixture(autouse=True)
def _no_settings_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("FAKES3PART_") or name in MOTO_VARIABLES:
            monkeypatch.delenv(name)


def test_keyword_arguments_and_settings_agree() -> None:
    assert get_type_hints(SettingsKwargs) == get_type_hints(Settings)
    assert list(SettingsKwargs.__annotations__) == [field.name for field in fields(Settings)] == list(SETTINGS) == list(OTHERS)
    assert SettingsKwargs.__required_keys__ == frozenset()


def test_the_reference_lists_every_setting() -> None:
    page = (ROOT / "docs/reference/settings.md").read_text("utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)[: len(SETTINGS)] == list(SETTINGS)


UNITS = {"MiB": 1024**2, "GiB": 1024**3}


def _default(cell: str) -> object:
    """Return the value that a cell of the table's column "Default" begins with."""
    if cell == "none":
        return ()
    if code := re.match(r"`([^`]+)`", cell):
        return literal_eval(code[1])
    amount, _, unit = cell.removesuffix(", in bytes").partition(" ")
    return int(amount.replace(",", "")) * UNITS.get(unit, 1)


def test_the_reference_has_the_defaults() -> None:
    page = (ROOT / "docs/reference/settings.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", page, re.MULTILINE)[: len(SETTINGS)])
    defaults: dict[str, Any] = {name: _default(cell) for name, cell in rows.items()}
    assert list(defaults) == list(SETTINGS)
    assert Settings(**defaults) == Settings()


def test_values() -> None:
    settings = Settings(region="eu-west-1", custom_endpoints=["minio.test", "http://[::1]:9000"], seed=3)
    assert (settings.region, settings.seed, settings.strict_regions) == ("eu-west-1", 3, None)
    assert settings.custom_endpoints == ("minio.test", "http://[::1]:9000")
    assert Settings(**settings.keywords()) == settings == replace(Settings(seed=3), **settings.keywords())
    assert hash(settings) == hash(Settings(**settings.keywords()))
    assert repr(Settings()).startswith("Settings(region='us-east-1', account='123456789012', min_part_size=5242880, ")
    with pytest.raises(AttributeError, match="cannot assign to field 'seed'"):
        settings.seed = 4  # type: ignore[misc]


@pytest.mark.parametrize(
    "region",
    ["us-gov-west-1", "us-isob-east-1", "cn-north-1", "eusc-de-east-1", "ap-southeast-7", "xx-nowhere-12"],
)
def test_a_region_is_no_fixed_list(region: str) -> None:
    assert Settings(region=region).region == region


DOORS = {
    "Settings": Settings,
    "FakeS3": FakeS3,
    "mock_s3": mock_s3,
    "Server": Server,
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@pytest.mark.parametrize(("settings", "sentence"), REFUSED, ids=[str(settings) for settings, _ in REFUSED])
def test_a_refused_value(door: Any, settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingError) as caught:
        door(**settings)
    assert str(caught.value) == sentence
    assert isinstance(caught.value, ValueError)
    assert not isinstance(caught.value, TypeError)


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_name(door: Any, name: str) -> None:
    with pytest.raises(UnknownSettingError) as caught:
        door(**{name: 1})
    assert str(caught.value) == UNKNOWN[name]
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, SettingError)


def test_a_file_refuses_unknown_settings_of_the_caller(tmp_path: Path) -> None:
    path = tmp_path / "s3.toml"
    path.write_text("")
    with pytest.raises(UnknownSettingError, match="unknown setting 'regoin'; did you mean 'region'"):
        FakeS3.from_config(path, regoin="eu-west-1")  # type: ignore[call-arg]


# Environment variables


@pytest.mark.parametrize("name", SETTINGS)
def test_each_setting_has_an_environment_variable(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    value, text = OTHERS[name]
    monkeypatch.setenv(f"FAKES3PART_{name.upper()}", text)
    assert FakeS3().settings == Settings(**{name: value})  # type: ignore[arg-type]
    assert Server().fake.settings == FakeS3().settings
    assert Settings() == Settings(**{name: SETTINGS[name].default})  # type: ignore[arg-type]
    with mock_s3() as fake:
        assert fake.settings == FakeS3().settings


def test_an_empty_variable_and_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKES3PART_REGION", "")
    monkeypatch.setenv("FAKES3PART_SEED", " ")
    assert from_environment() == {}
    monkeypatch.setenv("FAKES3PART_SEED", "None")
    assert from_environment() == {"seed": None}


@pytest.mark.parametrize(
    ("variable", "text", "message"),
    [
        ("FAKES3PART_MIN_PART_SIZE", "5MB", f"environment variable FAKES3PART_MIN_PART_SIZE: {SIZE}'5MB'"),
        ("FAKES3PART_REGION", "5", f"environment variable FAKES3PART_REGION: {REGION}'5'"),
        ("FAKES3PART_SEED", "a", "environment variable FAKES3PART_SEED: seed must be a whole number or None, not 'a'"),
        ("FAKES3PART_REGOIN", "x", "unknown environment variable FAKES3PART_REGOIN; did you mean FAKES3PART_REGION?"),
    ],
)
def test_a_refused_variable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str, text: str, message: str
) -> None:
    monkeypatch.setenv(variable, text)
    mock = mock_s3()
    for make in (FakeS3, Server, mock.start):
        with pytest.raises(SettingError) as caught:
            make()
        assert str(caught.value) == message
    assert main(["serve", "--port", "0"]) == 2
    assert capsys.readouterr().err == f"fakes3part serve: error: {message}\n"


def test_what_kubernetes_sets_for_a_service_of_our_name_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in {
        "FAKES3PART_SERVICE_HOST": "10.0.0.1",
        "FAKES3PART_SERVICE_PORT": "4580",
        "FAKES3PART_PORT": "tcp://10.0.0.1:4580",
        "FAKES3PART_PORT_4580_TCP": "tcp://10.0.0.1:4580",
        "FAKES3PART_PORT_4580_TCP_PROTO": "tcp",
        "FAKES3PART_PORT_4580_TCP_PORT": "4580",
        "FAKES3PART_PORT_4580_TCP_ADDR": "10.0.0.1",
    }.items():
        monkeypatch.setenv(name, text)
    assert FakeS3().settings == Settings()


def test_another_mapping_in_os_environs_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"FAKES3PART_SEED": "3", "HOME": "/"})
    assert FakeS3().settings.seed == 3


# Precedence


@pytest.mark.parametrize("name", SETTINGS)
def test_each_setting_has_a_flag(name: str) -> None:
    value, text = OTHERS[name]
    flag = f"--{name.replace('_', '-')}"
    switch = flag if value else f"--no-{flag[2:]}"
    argument = switch if isinstance(value, bool) else f"{flag}={text}"
    assert make_fake(_parser().parse_args(["serve", argument])).settings == Settings(**{name: value})  # type: ignore[arg-type]


def test_a_list_flag_may_be_repeated() -> None:
    options = ["--custom-endpoints", "a.test,b.test", "--custom-endpoints", "c.test"]
    assert make_fake(_parser().parse_args(["serve", *options])).settings.custom_endpoints == ("a.test", "b.test", "c.test")


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "s3.toml"
    path.write_text("min_part_size = 1\n")
    return path


def test_keywords_before_environment_before_file_before_default(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    assert FakeS3().settings.min_part_size == 5 * 1024 * 1024
    assert FakeS3.from_config(file).settings.min_part_size == 1
    monkeypatch.setenv("FAKES3PART_MIN_PART_SIZE", "2")
    assert FakeS3.from_config(file).settings.min_part_size == FakeS3().settings.min_part_size == 2
    assert FakeS3.from_config(file, min_part_size=3).settings.min_part_size == 3
    assert FakeS3(min_part_size=3).settings.min_part_size == 3
    assert FakeS3(min_part_size=3).fork().settings.min_part_size == 3
    with mock_s3(min_part_size=3) as fake:
        assert fake.settings.min_part_size == 3


def test_flags_before_environment_before_file(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    def size(*arguments: str) -> int:
        return make_fake(_parser().parse_args(["serve", "--config", str(file), *arguments])).settings.min_part_size

    assert size() == 1
    monkeypatch.setenv("FAKES3PART_MIN_PART_SIZE", "2")
    assert size() == 2
    assert size("--min-part-size", "3") == 3


def test_a_saved_fake_keeps_its_region(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    FakeS3(region="eu-west-1").save(tmp_path / "state.zip")
    monkeypatch.setenv("FAKES3PART_REGION", "us-west-2")
    assert FakeS3.load(tmp_path / "state.zip").settings.region == "eu-west-1"


def test_an_inner_mock_joins_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    with mock_s3() as outer:
        monkeypatch.setenv("FAKES3PART_SEED", "1")
        with mock_s3() as inner:
            assert inner is outer


# Types

TYPED = """
from conftest_plugin import MakeFakeS3
from fakes3part import FakeS3, Server, Settings, SettingsKwargs, mock_s3

fine: SettingsKwargs = {"region": "eu-west-1", "custom_endpoints": ["minio.test"]}
FakeS3(**fine)
mock_s3(min_part_size=1)
Server(strict_kms=True)


def make(make_fakes3: MakeFakeS3) -> FakeS3:
    make_fakes3(regoin="eu-west-1")  # error
    return make_fakes3(region="eu-west-1", seed=1)


@mock_s3(regoin="eu-west-1")  # error
def decorated() -> None: ...


FakeS3(regoin="eu-west-1")  # error
Server(regoin="eu-west-1")  # error
Settings(regoin="eu-west-1")  # error
FakeS3.from_config("s3.toml", regoin="eu-west-1")  # error
FakeS3(min_part_size="5MB")  # error
FakeS3.load("state.zip", regoin="eu-west-1")  # error
FakeS3().client(regoin_name="eu-west-1")  # error
FakeS3().client(region_name="eu-west-1").close()
mock_s3(account=12)  # error
"""
WRONG = [number for number, line in enumerate(TYPED.splitlines(), 1) if line.endswith("# error")]


def test_mypy_refuses_wrong_settings(tmp_path: Path) -> None:
    path = tmp_path / "typed.py"
    path.write_text(TYPED)
    # the cache of the project's own run makes it seconds
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", path], cwd=ROOT, capture_output=True, text=True)
    assert sorted({int(line) for line in re.findall(r"typed\.py:(\d+): error: ", done.stdout)}) == WRONG, (
        done.stdout + done.stderr
    )


@pytest.mark.skipif(shutil.which("pyright") is None, reason="pyright is not installed")
def test_pyright_refuses_wrong_settings(tmp_path: Path) -> None:
    path = tmp_path / "typed.py"
    path.write_text(TYPED)
    done = subprocess.run(["pyright", "--pythonpath", sys.executable, path], cwd=ROOT, capture_output=True, text=True)
    assert sorted({int(line) for line in re.findall(r"typed\.py:(\d+):\d+ - error: ", done.stdout)}) == WRONG, done.stdout
