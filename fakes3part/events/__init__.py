"""S3's event notifications: records in AWS's format, and their delivery to listeners."""
