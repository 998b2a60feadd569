"""Answering, within this process, what botocore's clients would send to S3; refusing what they would send to AWS."""
