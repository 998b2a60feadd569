"""PutBucketReplication, GetBucketReplication, DeleteBucketReplication. (What it does: `fakes3part.effects.replication`.)"""

from __future__ import annotations

from ...errors import S3Error
from ...message import S3_ITSELF
from ...rules.replication import parse_replication, replication_output
from ...state.replication import Replication
from ..context import Context
from ..registry import Params
from .configurations import configuration
from .roles import authorize_pass_role


def _parse(context: Context, params: Params) -> Replication:
    """Return the configuration of the document.

    The order is assumed: not recorded from AWS. It is the document, the role, the versioning of the bucket, then that of the
    destinations.
    """
    replication = parse_replication(params["ReplicationConfiguration"], context.ids.rule_id)
    authorize_pass_role(context, replication.role, S3_ITSELF)
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
