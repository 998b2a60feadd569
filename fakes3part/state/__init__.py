"""The state of a fake, as plain data: buckets with their objects and configurations, access points, KMS keys."""
