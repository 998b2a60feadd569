"""What S3 does without a request, because time has passed."""
