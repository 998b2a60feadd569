"""S3 Control: access points of general purpose buckets and on Outposts.

On an Outpost (``x-amz-outpost-id``) SDKs send ARNs in place of names; plain names are accepted too.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..auth.authorization.access_points import is_public_access_point
from ..errors import S3Error, invalid_argument, not_implemented
from ..operations.access_point_routing import no_such_access_point
from ..operations.access_points import manage
from ..protocol.aws_hosts import aws_endpoint
from ..rules.listing import decode_token, encode_token
from ..rules.public_access_block import as_configuration, public_access_block
from ..state.access_control import BLOCK_ALL
from ..state.access_points import BUCKET_ARN, POINT_ARN, AccessPoint
from .context import ServiceContext
from .registry import Output, Params, s3control_operation

ARN = "arn:aws:s3:{region}:{AccountId}:accesspoint/{Name}"
OUTPOST = "x-amz-outpost-id"
MAX_RESULTS = 1000
_ENDPOINTS = {"ipv4": "", "fips": "-fips", "fips_dualstack": "-fips.dualstack", "dualstack": ".dualstack"}


def host_region(context: ServiceContext) -> str | None:
    """Return the region of AWS's endpoint; None: a custom endpoint, which serves all regions."""
    return aws_endpoint(context.request.host).region


def requested_outpost(context: ServiceContext) -> str | None:
    """Return the Outpost of a request; None: it is not for an Outpost."""
    return context.request.headers.get(OUTPOST)


def _name_of(name_or_arn: str) -> str:
    """Return the name of an access point that is given by name or ARN."""
    arn = POINT_ARN.fullmatch(name_or_arn)
    return arn["name"] if arn else name_or_arn


def find_access_point(context: ServiceContext, params: Params) -> AccessPoint:
    """Return the access point of a request.

    Raises:
        S3Error: NoSuchAccessPoint.
    """
    name = _name_of(params["Name"])
    point = context.backend.store.points.find(name, params["AccountId"], host_region(context), requested_outpost(context))
    if point is None:
        raise no_such_access_point(name)
    return point


def _vpc(point: AccessPoint) -> Output | None:
    return None if point.vpc is None else {"VpcId": point.vpc}


@s3control_operation("CreateAccessPoint", resource=ARN)
def create_access_point(context: ServiceContext, params: Params) -> Output:
    """Create an access point for a bucket of this account, or of the account that ``BucketAccountId`` names."""
    for member in ("Scope", "Tags"):
        if params.get(member):
            raise not_implemented("S3 Control's CreateAccessPoint", member)
    account, outpost, store = params["AccountId"], requested_outpost(context), context.backend.store
    block = params.get("PublicAccessBlockConfiguration")
    bucket = manage.find_bucket(store, params["Bucket"], params.get("BucketAccountId") or account, outpost)
    point = manage.add_access_point(
        store,
        params["Name"],
        account,
        bucket,
        context.backend.clock.now(),
        region=host_region(context),
        vpc=(params.get("VpcConfiguration") or {}).get("VpcId"),
        block=BLOCK_ALL if block is None else public_access_block(block),
    )
    return {"AccessPointArn": point.arn, "Alias": point.alias}


@s3control_operation("GetAccessPoint", resource=ARN)
def get_access_point(context: ServiceContext, params: Params) -> Output:
    """Return an access point without its policy."""
    point = find_access_point(context, params)
    on_outpost = point.outpost is not None
    endpoints = {name: f"s3-accesspoint{flavor}.{point.region}.amazonaws.com" for name, flavor in _ENDPOINTS.items()}
    return {
        "Name": point.name,
        "Bucket": point.bucket,
        "NetworkOrigin": point.network_origin,
        "VpcConfiguration": _vpc(point),
        "PublicAccessBlockConfiguration": None if on_outpost else as_configuration(point.block),
        "CreationDate": point.created,
        "Alias": point.alias,
        "AccessPointArn": point.arn,
        "Endpoints": None if on_outpost else endpoints,
        "BucketAccountId": point.bucket_account,
    }


def _listed_points(context: ServiceContext, params: Params) -> Iterator[AccessPoint]:
    """Yield the access points that a ListAccessPoints requests, in no order."""
    bucket, region, owner = params.get("Bucket"), host_region(context), (params["AccountId"], requested_outpost(context))
    arn = BUCKET_ARN.fullmatch(bucket) if bucket is not None else None
    for point in context.backend.store.points.points.values():
        is_requested = (point.account, point.outpost) == owner and region in (None, point.region)
        if is_requested and (bucket is None or point.bucket == (arn["name"] if arn else bucket)):
            yield point


@s3control_operation("ListAccessPoints", resource="arn:aws:s3:{region}:{AccountId}:*")
def list_access_points(context: ServiceContext, params: Params) -> Output:
    """List the account's access points in this region by name, in pages; of one bucket, if one is named."""
    limit = params.get("MaxResults", MAX_RESULTS)
    if not 0 <= limit <= MAX_RESULTS:
        raise invalid_argument(f"Argument maxResults must be an integer between 0 and {MAX_RESULTS}", "maxResults", limit)
    after = decode_token(params["NextToken"]) if "NextToken" in params else ""
    points = sorted((point for point in _listed_points(context, params) if point.name > after), key=lambda point: point.name)
    page = points[:limit]
    return {
        "AccessPointList": [
            {
                "Name": point.name,
                "NetworkOrigin": point.network_origin,
                "VpcConfiguration": _vpc(point),
                "Bucket": point.bucket,
                "AccessPointArn": point.arn,
                "Alias": point.alias,
                "BucketAccountId": point.bucket_account,
            }
            for point in page
        ],
        "NextToken": encode_token(page[-1].name) if len(points) > limit > 0 else None,
    }


@s3control_operation("DeleteAccessPoint", resource=ARN)
def delete_access_point(context: ServiceContext, params: Params) -> Output:
    """Delete an access point. The bucket stays."""
    context.backend.store.points.remove(find_access_point(context, params))
    return {}


@s3control_operation("PutAccessPointPolicy", resource=ARN)
def put_access_point_policy(context: ServiceContext, params: Params) -> Output:
    """Replace the policy, which is stored as it was written."""
    manage.set_policy(context.backend.store, find_access_point(context, params), params.get("Policy", ""))
    return {}


def _policy(point: AccessPoint) -> str:
    if point.policy is None:
        raise S3Error("NoSuchAccessPointPolicy", AccessPointName=point.name)
    return point.policy


@s3control_operation("GetAccessPointPolicy", resource=ARN)
def get_access_point_policy(context: ServiceContext, params: Params) -> Output:
    """Return the policy exactly as it was put."""
    return {"Policy": _policy(find_access_point(context, params))}


@s3control_operation("DeleteAccessPointPolicy", resource=ARN)
def delete_access_point_policy(context: ServiceContext, params: Params) -> Output:
    """Remove the policy. A missing one is not an error."""
    manage.set_policy(context.backend.store, find_access_point(context, params), None)
    return {}


@s3control_operation("GetAccessPointPolicyStatus", resource=ARN)
def get_access_point_policy_status(context: ServiceContext, params: Params) -> Output:
    """Return whether the policy makes the access point public, by the rules of Block Public Access."""
    point = find_access_point(context, params)
    _policy(point)
    return {"PolicyStatus": {"IsPublic": is_public_access_point(point)}}
