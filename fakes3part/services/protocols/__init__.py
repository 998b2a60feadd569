"""Protocols of AWS services other than S3: JSON 1.1, Query, REST XML."""
