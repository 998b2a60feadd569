"""Operations of directory buckets (S3 Express One Zone)."""
