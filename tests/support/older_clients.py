"""Tests under an older botocore: what its client cannot send or parse is skipped, everything else must pass.

``nox -s lower_bounds`` runs the core tests with the lowest versions that pyproject.toml allows.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.exceptions import FlexibleChecksumError, ParamValidationError

from fakes3part.protocol.older_models import is_older_model

_REASON = "the installed botocore cannot do this"


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[object]:
    """Skip a test whose client does not know a parameter, an operation or a checksum that the test sends."""
    try:
        return (yield)
    except (AttributeError, FlexibleChecksumError, ParamValidationError, ValueError) as error:
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


newest_model = pytest.mark.skipif(is_older_model(), reason=f"{_REASON}: members of its output are missing")
"""Marks tests that read members of outputs which older models lack."""
