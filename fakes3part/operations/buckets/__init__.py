"""Operations on buckets and their configurations."""
