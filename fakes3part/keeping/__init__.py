"""What a test does with the state of its fake: keep it and go back, fill it, look at it, hand it to other processes."""
