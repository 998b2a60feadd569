"""PutBucketReplication, GetBucketReplication, DeleteBucketReplication. (What it does: `fakes3part.effects.replication`.)"""

from __future__ import annotations

from ...auth.authorization.evaluate import authorize
from ...auth.authorization.request import AuthorizationRequest
from ...errors import S3Error
from ...rules.replication import parse_replication, replication_output, role_account
from ...state.replication import Replication
from ..context import Context
from ..registry import Params
from .configurations import configuration

_SERVICE = "s3.amazonaws.com"


def _parse(context: Context, params: Params) -> Replication:
    """Return the configuration of the document.

    The order is assumed: not recorded from AWS. It is the document, the role, the versioning of the bucket, then that of the
    destinations.
    """
    replication = parse_replication(params["ReplicationConfiguration"], context.ids.rule_id)
    _authorize_pass_role(context, replication.role)
    if context.bucket.versioning != "Enabled":
        raise S3Error("InvalidRequest", "Versioning must be 'Enabled' on the bucket to apply a replication configuration")
    for rule in replication.rules:
        name = rule.destination.bucket_name
        if name == context.bucket.name:
            raise S3Error("InvalidRequest", "Destination bucket cannot be the same as the source bucket.")
        destination = context.store.get(name)
        if destination is None or destination.versioning != "Enabled":
            raise S3Error("InvalidRequest", "Destination bucket must have versioning enabled.")
    return replication


def _authorize_pass_role(context: Context, role: str) -> None:
    """Authorize ``iam:PassRole``: a caller may pass roles of its own account only. The role itself need not exist.

    Raises:
        S3Error: AccessDenied.
    """
    conditions = {"iam:passedtoservice": _SERVICE}
    authorize(
        AuthorizationRequest(
            context.request_context, "iam:PassRole", arn=role, owner_account=role_account(role), extra_conditions=conditions
        )
    )


configuration(
    field="replication",
    put="PutBucketReplication",
    get="GetBucketReplication",
    delete="DeleteBucketReplication",
    parse=_parse,
    show=replication_output,
    missing="ReplicationConfigurationNotFoundError",
    activates="replication",
)
