"""Tests under an older botocore: what its client cannot send or parse is skipped, everything else must pass.

``nox -s lower_bounds`` runs the core tests with the lowest versions that pyproject.toml allows.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest
from botocore.exceptions import FlexibleChecksumError, ParamValidationError

from fakes3part.protocol.older_models import is_older_model

_REASON = "the installed botocore cannot do this"


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Skip a test whose client does not know a parameter, an operation or a checksum that the test sends."""
    return (yield from _skipping())


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: object, request: pytest.FixtureRequest) -> Generator[None, object, object]:
    """Do the same for fixtures."""
    return (yield from _skipping())


def _skipping() -> Generator[None, object, object]:
    try:
        return (yield)
    except (AttributeError, FlexibleChecksumError, ParamValidationError) as error:
        if is_older_model() and _is_limit_of_client(error):
            pytest.skip(f"{_REASON}: {str(error).splitlines()[-1]}")
        raise


def _is_limit_of_client(error: Exception) -> bool:
    text = str(error)
    if isinstance(error, ParamValidationError):
        return "Unknown parameter" in text
    if isinstance(error, FlexibleChecksumError):
        return text.startswith("Unsupported checksum algorithm")
    return isinstance(error, AttributeError) and text.startswith("'S3")


NEWER_MEMBERS = {
    "test_a_copy_may_have_another",
    "test_actions_are_those_of_known_operations",
    "test_an_empty_name",
    "test_another_process_needs_nothing_but_the_environment[boto3 by the Common Runtime]",
    "test_bad_configurations",
    "test_carried_to_the_object",
    "test_checksum_is_of_the_uploads_algorithm",
    "test_checksums",
    "test_copied_properties",
    "test_copy",
    "test_every_header",
    "test_headers_in_the_query",
    "test_ignored_members_are_not_checked",
    "test_put_get_delete",
    "test_tags_are_counted",
    "test_tags_are_counted_only_with_permission_to_read_them",
    "test_the_document_of_a_put",
    "test_the_tag_count_needs_get_object_tagging",
    "test_trailer",
}
"""Tests that send or read members which boto3 1.36 lacks, such as TagCount of HeadObject and the checksums of 2026."""


def skip_newer_members(items: list[pytest.Item]) -> None:
    """Skip the tests of `NEWER_MEMBERS` under an older botocore."""
    if is_older_model():
        for item in items:
            if item.name in NEWER_MEMBERS or getattr(item, "originalname", None) in NEWER_MEMBERS:
                item.add_marker(pytest.mark.skip(f"{_REASON}: members are missing"))
