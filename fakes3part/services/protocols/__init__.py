"""AWS's wire protocols beside S3's own: JSON 1.1, Query, REST XML."""
