"""Settings of the fixtures' fakes: where they may be given, which one wins, and what a refused one leaves behind."""

from __future__ import annotations

import pytest

CONFTEST = """
    import pytest

    @pytest.fixture(scope="session")
    def fakes3_config():
        return {config}
"""
SHOW = """
    import pytest

    {marker}
    def test_it(fakes3, make_fakes3):
        made = make_fakes3({keywords})
        print("marked", fakes3.settings.min_part_size, fakes3.settings.region, "made", made.settings.min_part_size)
"""
SOURCES = {
    "keyword": ("marked 5242880 us-east-1", "made 6"),
    "marker": ("marked 5 us-east-1", "made 5242880"),
    "config": ("marked 4 us-east-1", "made 4"),
    "override": ("marked 3 us-east-1", "made 3"),
    "ini": ("marked 2 us-east-1", "made 2"),
    "environment": ("marked 1 us-east-1", "made 1"),
}
"""Each way to give a setting, the strongest first, and what a test sees of a value that came this way."""


def _run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, sources: list[str]) -> str:
    if "environment" in sources:
        monkeypatch.setenv("FAKES3PART_MIN_PART_SIZE", "1")
    if "ini" in sources:
        pytester.makeini("[pytest]\nfakes3_min_part_size = 2\n")
    if "config" in sources:
        pytester.makeconftest(CONFTEST.format(config={"min_part_size": 4}))
    marker = "@pytest.mark.fakes3(min_part_size=5)" if "marker" in sources else ""
    pytester.makepyfile(SHOW.format(marker=marker, keywords="min_part_size=6" if "keyword" in sources else ""))
    result = pytester.runpytest_subprocess("-rP", *(["-o", "fakes3_min_part_size=3"] if "override" in sources else []))
    result.assert_outcomes(passed=1)
    return result.stdout.str()


@pytest.mark.parametrize("strongest", range(len(SOURCES)))
def test_what_is_closer_to_the_test_wins(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, strongest: int) -> None:
    sources = list(SOURCES)[strongest:]
    shown = _run(pytester, monkeypatch, sources)
    marked = sources[1] if sources[0] == "keyword" else sources[0]
    made = sources[1] if sources[0] == "marker" else sources[0]
    assert f"{SOURCES[marked][0]} {SOURCES[made][1]}\n" in shown


def test_each_setting_has_an_ini_option(pytester: pytest.Pytester) -> None:
    pytester.makeini(
        """
        [pytest]
        fakes3_region = eu-west-1
        fakes3_account = 111122223333
        fakes3_min_part_size = 1
        fakes3_default_max_keys = 7
        fakes3_path_style_only = true
        fakes3_custom_endpoints = minio.test:9000, other.test
        fakes3_seed = 7
        fakes3_strict_credentials = yes
        fakes3_strict_kms = true
        fakes3_strict_regions = false
        fakes3_legacy_defaults =
        fakes3_journal_size = 10
        """
    )
    pytester.makepyfile(
        """
        from fakes3part import Settings

        def test_it(fakes3):
            assert fakes3.settings == Settings(
                region="eu-west-1", account="111122223333", min_part_size=1, seed=7,
                default_max_keys=7, path_style_only=True, custom_endpoints=("minio.test:9000", "other.test"),
                strict_credentials=True, strict_kms=True, strict_regions=False, journal_size=10,
            )
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


@pytest.mark.skipif(pytest.version_tuple < (9, 2), reason="pytest.toml with options of several types")
def test_an_ini_option_in_toml_has_a_toml_type(pytester: pytest.Pytester) -> None:
    lines = 'fakes3_min_part_size = 1\nfakes3_strict_kms = true\nfakes3_seed = "7"\nfakes3_custom_endpoints = ["minio.test"]\n'
    pytester.makefile(".toml", pytest=f"[pytest]\n{lines}")
    pytester.makepyfile(
        """
        def test_it(fakes3):
            settings = fakes3.settings
            assert (settings.min_part_size, settings.strict_kms, settings.seed) == (1, True, 7)
            assert settings.custom_endpoints == ("minio.test",)
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_refused_ini_option_ends_the_run(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nfakes3_min_part_size = 5MB\n")
    pytester.makepyfile("def test_it(): pass")
    result = pytester.runpytest_subprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    sentence = "min_part_size must be a whole number of bytes, 0 or more, not '5MB'"
    assert f"ini option fakes3_min_part_size: {sentence}" in result.stderr.str()


@pytest.mark.parametrize(
    ("config", "variable", "message"),
    [
        ({"region": 5}, "", 'fixture fakes3_config: region must be the name of an AWS region, such as "us-east-1", not 5'),
        ({"regoin": "eu-west-1"}, "", "fixture fakes3_config: unknown setting 'regoin'; did you mean 'region'?"),
        ({}, "-1", "environment variable FAKES3PART_JOURNAL_SIZE: journal_size must be a whole number, 0 or more, not '-1'"),
    ],
)
def test_a_refused_setting_changes_nothing(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, config: dict[str, object], variable: str, message: str
) -> None:
    monkeypatch.setenv("FAKES3PART_JOURNAL_SIZE", variable)
    pytester.makeconftest(CONFTEST.format(config=config))
    pytester.makepyfile(
        """
        import os
        import pytest
        from botocore.httpsession import URLLib3Session
        from fakes3part import current_fake

        BEFORE = dict(os.environ), URLLib3Session.send

        def test_a(fakes3):
            raise AssertionError("it ran")

        def test_b():
            os.environ.pop("PYTEST_CURRENT_TEST")
            BEFORE[0].pop("PYTEST_CURRENT_TEST", None)
            assert (dict(os.environ), URLLib3Session.send) == BEFORE
            assert current_fake() is None
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:randomly")
    result.assert_outcomes(errors=1, passed=1)
    assert message in result.stdout.str()


def test_a_bucket_of_the_marker_that_cannot_be_created_changes_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os
        import pytest
        from fakes3part import current_fake

        @pytest.mark.fakes3(buckets=["one", "Not A Bucket"])
        def test_a(fakes3):
            raise AssertionError("it ran")

        def test_b():
            assert current_fake() is None
            assert os.environ.get("AWS_ACCESS_KEY_ID") != "FOOBARKEY"

        def test_c(fakes3):
            assert list(fakes3.buckets) == []
        """
    )
    pytester.runpytest_subprocess("-p", "no:randomly").assert_outcomes(errors=1, passed=2)


def test_the_marker_documents_each_setting(pytester: pytest.Pytester) -> None:
    from fakes3part.settings import SETTINGS

    text = pytester.runpytest_subprocess("--markers").stdout.str()
    for setting in SETTINGS.values():
        assert f"    {setting.name}: {setting.help}; must be {setting.kind.allowed}" in text


@pytest.mark.parametrize(
    ("owner", "name", "phase"),
    [
        ("fakes3part.intercept.patch.PatchSet", "install", "setup"),
        ("fakes3part.intercept.environment", "set_fake_environment", "setup"),
        ("fakes3part.api.fakes3.FakeS3", "_begin_use", "setup"),
        ("fakes3part.intercept.patch.PatchSet", "remove", "teardown"),
        ("fakes3part.api.fakes3.FakeS3", "forget_redirects", "teardown"),
        ("fakes3part.api.fakes3.FakeS3", "reset", "teardown"),
    ],
)
def test_a_step_that_fails_changes_nothing_for_later_tests(pytester: pytest.Pytester, owner: str, name: str, phase: str) -> None:
    """The step is done and then fails, once, while the fixture of the first test begins or ends."""
    pytester.makepyfile(
        f"""
        import os
        import pkgutil
        import pytest
        from botocore.httpsession import URLLib3Session
        from fakes3part import current_fake
        from fakes3part.intercept import activation  # so that it is not imported by the first test

        OWNER, BEFORE, PHASE = pkgutil.resolve_name({owner!r}), (dict(os.environ), URLLib3Session.send), {phase!r}
        ORIGINAL = OWNER.{name}

        def fail_once(*args, **kwargs):
            OWNER.{name} = ORIGINAL
            ORIGINAL(*args, **kwargs)
            raise OSError("the step failed")

        @pytest.fixture
        def failing_setup():
            if PHASE == "setup":
                OWNER.{name} = fail_once

        def test_a(failing_setup, fakes3_session, fakes3):
            fakes3.seed({{"left": {{}}}})
            OWNER.{name} = fail_once

        def test_b():
            before = {{name: value for name, value in BEFORE[0].items() if name != "PYTEST_CURRENT_TEST"}}
            now = {{name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}}
            assert (now, URLLib3Session.send) == (before, BEFORE[1])
            assert current_fake() is None

        def test_c(fakes3_session, fakes3):
            assert list(fakes3.buckets) == []
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:randomly")
    result.assert_outcomes(passed=2 if phase == "setup" else 3, errors=1)
    assert "OSError: the step failed" in result.stdout.str()
