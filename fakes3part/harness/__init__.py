"""What a test does with a fake that it cannot do with S3: look back, listen, break things, hold things, go back."""
