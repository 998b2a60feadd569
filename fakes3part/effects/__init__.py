"""What S3 does by itself: not because of a request, but because time has passed."""
