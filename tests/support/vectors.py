"""Checksum vectors, each once."""

DUMMY_DATA = b"dummy data"

CHECKSUM_MEMBERS = {
    "CRC32": "ChecksumCRC32",
    "CRC32C": "ChecksumCRC32C",
    "CRC64NVME": "ChecksumCRC64NVME",
    "SHA1": "ChecksumSHA1",
    "SHA256": "ChecksumSHA256",
    "SHA512": "ChecksumSHA512",
    "MD5": "ChecksumMD5",
    "XXHASH64": "ChecksumXXHASH64",
    "XXHASH3": "ChecksumXXHASH3",
    "XXHASH128": "ChecksumXXHASH128",
}
"""Algorithm -> botocore's member."""

DUMMY_CHECKSUMS = {
    "CRC32": "QWaN2w==",
    "CRC32C": "R/I7iQ==",
    "CRC64NVME": "dPVWc2vU1+Q=",
    "SHA1": "YR/1TvTYOJz5gtqVFoBJBtmTibY=",
    "SHA256": "eXuwq/95jXIAr3aF3KeQHt/8Ur8mUA1b2XKCZY7iQVI=",
    "SHA512": "6tQCd6X50h2wXt5deAY0eKF5Xb1LLbSvkZt+Bqczz8bd1+rH+VYZSgWhjOG4zJ41K0kLmDQxuDyOeHMKqKQGNA==",
    "MD5": "Mb+5cwrlGvc5U7pyDIZg1w==",
    "XXHASH64": "vYOmFpsGXtY=",
    "XXHASH3": "9J6xx21X+f8=",
    "XXHASH128": "menoCZOCZ2Acv4XMxaUR9w==",
}
"""Algorithm -> its value for ``b"dummy data"``, as recorded from AWS."""
