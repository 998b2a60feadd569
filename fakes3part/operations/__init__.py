"""What S3 does: one small file a family, one function an operation, registered under its AWS name."""

from importlib import import_module

_FAMILIES = (
    "acls",
    "attributes",
    "buckets",
    "completing",
    "copying",
    "deleting",
    "encryption",
    "listing",
    "multipart",
    "multipart_lists",
    "ownership",
    "payment",
    "policies",
    "posting",
    "reading",
    "versioning",
    "writing",
)


def load() -> None:
    """Import every family, so that the registry is complete."""
    for family in _FAMILIES:
        import_module(f"{__name__}.{family}")
