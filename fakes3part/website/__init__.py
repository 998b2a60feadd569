"""The website endpoint of a bucket, which serves browsers: requests are anonymous, and errors are HTML pages."""
