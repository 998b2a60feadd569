"""Verifies and creates signatures: SigV4, SigV4A and SigV2, in headers and in presigned URLs."""
