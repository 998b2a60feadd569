"""The port of ``fakes3part serve``, unless another is named."""

from __future__ import annotations

import os

DEFAULT_PORT = 4580
"""Used by no similar tool: 4566 is LocalStack's, 4568 s3rver's, 5000 moto's, 9000 MinIO's, 9090 S3Mock's, 10000 Azurite's."""


def default_port() -> str:
    """Return the port in the environment, which may be none, or else `DEFAULT_PORT`."""
    variable = os.environ.get("MOTO_PORT", "")
    # For a service named "moto", Kubernetes sets it to a URL.
    return variable if variable and not variable.startswith("tcp://") else str(DEFAULT_PORT)
