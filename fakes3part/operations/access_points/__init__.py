"""Access points: management, S3 on Outposts, Object Lambda."""
