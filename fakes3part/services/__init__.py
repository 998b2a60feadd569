"""STS and KMS, as far as S3 users need them, and S3 Control.

Everything is loaded at the first request. `dispatch` selects the service, `pipeline` handles the request: botocore's models
define the operations and their shapes, and each operation is a function from params to output, as in S3.
"""
