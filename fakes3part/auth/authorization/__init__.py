"""Authorize a request: IAM actions, policies of buckets, callers, access points and KMS keys, ACLs."""
