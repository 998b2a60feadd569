"""What is installed: imports, the wheel, and a smoke test of the base install."""
