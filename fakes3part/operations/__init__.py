"""S3's operations: one function an operation, registered under its AWS name.

Grouped as AWS's API reference groups them: `objects`, `multipart`, `buckets`, `directory_buckets`, `access_points`.
"""
