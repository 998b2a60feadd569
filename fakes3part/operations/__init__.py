"""What S3 does: one small file a family, one function an operation, registered under its AWS name."""

from importlib import import_module

_FAMILIES = (
    "acceleration",
    "acls",
    "annotating",
    "attributes",
    "buckets",
    "completing",
    "copying",
    "deleting",
    "directory_buckets",
    "directory_listing",
    "directory_objects",
    "encryption",
    "lifecycle",
    "listing",
    "locking",
    "multipart",
    "multipart_lists",
    "objectlambda",
    "ownership",
    "payment",
    "policies",
    "posting",
    "reading",
    "restoring",
    "selecting",
    "sessions",
    "tagging",
    "torrent",
    "version_listing",
    "versioning",
    "websites",
    "writing",
)


def load() -> None:
    """Import every family, so that the registry is complete."""
    for family in _FAMILIES:
        import_module(f"{__name__}.{family}")
