"""What fakes3part costs, against the least that any fake can cost and against moto. ``python -m benchmarks --help``."""
