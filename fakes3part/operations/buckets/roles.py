"""Roles in the documents of bucket configurations: the caller must be allowed to pass them to a service of S3."""

from __future__ import annotations

from ...auth.authorization.evaluate import authorize
from ...auth.authorization.request import AuthorizationRequest
from ..context import Context


def authorize_pass_role(context: Context, role: str, service: str) -> None:
    """Authorize ``iam:PassRole``: a caller may pass roles of its own account only. The role itself need not exist.

    Args:
        role: the ARN of an IAM role.
        service: ``s3.amazonaws.com``.

    Raises:
        S3Error: AccessDenied.
    """
    account, conditions = role.split(":")[4], {"iam:passedtoservice": service}
    request = context.request_context
    authorize(AuthorizationRequest(request, "iam:PassRole", arn=role, owner_account=account, extra_conditions=conditions))
