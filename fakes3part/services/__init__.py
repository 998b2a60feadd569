"""What stands beside S3: STS and KMS, just enough for S3, and the wire of S3 Control.

The same idea as S3's: botocore's models are walked at run time, operations are functions from params to output, and everything
is loaded when the first request asks for it. `dispatch` tells the requests apart, `answer` is their path.
"""
