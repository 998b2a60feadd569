"""What users hold: `FakeS3` and its methods, `mock_s3`, `Server`."""
