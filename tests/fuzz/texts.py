"""Random texts: plausible ones by the name of what they stand for, and odd ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random

DAY = "2026-01-01T00:00:00Z"
ACCOUNT = "123456789012"

NUMBERS = ["0", "1", "2", "3", "5", "7", "16", "1000", "1001", "10000", "10001", "5242880", "2147483648"]
ODD_NUMBERS = ["-1", "+1", " 1", "1.0", "1e308", "0x10", "1_0", "٣", "NaN", "Infinity", "9" * 30, "9" * 5000, "0" * 5000, ""]
DATES = [DAY, "2030-06-30T12:00:00.000Z", "2019-01-01", "Thu, 01 Jan 2026 00:00:00 GMT", "1767225600"]
ODD_DATES = [
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-23:59",
    "10000-01-01T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "Thu, 31 Feb 2026 00:00:00 GMT",
    "Mon, 01 Jan 0001 00:00:00 GMT",
    "1e308",
    "-1",
    "nan",
    "99999999999999999999",
    "20260101T000000Z",
    "T",
]
ODD = [
    "",
    " ",
    "\x00",
    "\x01",
    "\ud800",
    "\udfff\ud800",
    "\U0001f600",
    "é",
    "\xff",
    "\u2028",
    "a\r\nb: c",
    "%",
    "%zz",
    "%00",
    "%ff",
    "%ED%A0%80",
    "..",
    "../..",
    "/",
    "//",
    "*",
    "?",
    "[",
    "[" * 500,
    "{",
    "{}",
    "[]",
    "null",
    "true",
    "False",
    "<a>",
    "]]>",
    "&amp;",
    "&#0;",
    "arn:",
    "arn:aws:s3:::bucket",
    "arn:aws:s3:us-east-1:123456789012:accesspoint/point",
    "arn:aws:s3-outposts:us-east-1:123456789012:outpost/op-1/bucket/b",
    "arn:aws:kms:us-east-1:123456789012:key/x",
    "=?UTF-8?B?w6k=?=",
    "=?UTF-8?Q?=ZZ?=",
    "=?x?y?z?=",
    "AAAA",
    "====",
    "a=b&c",
    "a" * 300,
    "a" * 3000,
]

DOCUMENTS = [
    json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}]}
    ),
    json.dumps(
        {
            "Statement": {
                "Effect": "Deny",
                "Principal": {"AWS": ACCOUNT},
                "NotAction": "s3:Get*",
                "Resource": "arn:aws:s3:::bucket/*",
            }
        }
    ),
    json.dumps({"Statement": [{"Condition": {"NumericLessThan": {"s3:max-keys": "9" * 5000}}}]}),
    '{"Statement": ' + "[" * 2000,
    "[" * 30_000,
    '{"Statement": 5}',
    '{"Statement": [[]]}',
    '{"Version": {}, "Statement": {"Effect": ["Allow"]}}',
    '{"a": ' + "9" * 5000 + "}",
    '"\\ud800"',
]

BY_NAME: dict[str, list[str]] = {
    "bucket": ["bucket"] * 6 + ["plain"] * 6 + ["locked"] * 4 + ["dir--use1-az4--x-s3", "new-bucket", "absent", "Invalid_Bucket"],
    "key": ["k", "k", "k", "dir/a", "dir/b", "archived", "mpu", "é", "absent", "a b"],
    "copysource": ["/bucket/k", "plain/k", "bucket/k?versionId=null", "bucket", "absent/k", "%ff/%00", "arn:aws:s3:::bucket/k"],
    "expectedbucketowner": [ACCOUNT, ACCOUNT, ACCOUNT, ACCOUNT, "000000000000", "12345"],
    "accountid": [ACCOUNT, ACCOUNT, ACCOUNT, ACCOUNT, "000000000000", "12345"],
    "name": ["point", "bucket", "absent"],
    "keyid": [
        "alias/aws/s3",
        "alias/mine",
        "00000000-0000-0000-0000-000000000000",
        f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/mine",
    ],
    "rolearn": [f"arn:aws:iam::{ACCOUNT}:role/reader", f"arn:aws:iam::{ACCOUNT}:role/absent", "arn:aws:iam::1:role"],
    "rolesessionname": ["session", "s"],
    "policy": DOCUMENTS,
    "range": ["bytes=0-1", "bytes=-1", "bytes=1-", "bytes=5-1", "bytes=0-1,3-4", "bytes=", "bytes=-0", f"bytes={'9' * 5000}-"],
    "copysourcerange": ["bytes=0-1", "bytes=0-9999999", f"bytes=0-{'9' * 5000}", "bytes=-1"],
    "tagging": ["a=b", "a=b&a=c", "a", "%", "a=%zz", "&".join(f"k{n}=v" for n in range(11))],
    "contentmd5": ["1B2M2Y8AsgTpgAmY7PhCfg==", "AAAA", "x"],
    "delimiter": ["/", "a", "//"],
    "prefix": ["dir/", "", "k"],
    "encodingtype": ["url", "URL", "x"],
    "expression": [
        "SELECT * FROM S3Object",
        "SELECT s._1 FROM S3Object s WHERE CAST(s._1 AS INT) > 1 LIMIT 1",
        "SELECT COUNT(*), SUM(CAST(_2 AS FLOAT)) FROM S3Object",
        f"SELECT {'9' * 5000} FROM S3Object",
        f"SELECT {'(' * 3000}1",
        f"SELECT * FROM S3Object LIMIT {'9' * 5000}",
        "SELECT DATE_ADD(year, 999999, UTCNOW()) FROM S3Object",
        "SELECT 1e999999 / 0 FROM S3Object",
        "SELECT 'x' LIKE '%' ESCAPE '%' FROM S3Object",
        "SELECT",
    ],
    "expressiontype": ["SQL"],
    "ssecustomeralgorithm": ["AES256", "AES"],
    "ssecustomerkey": ["MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="],
    "ssecustomerkeymd5": ["RVhhPN19QA8ZgUKWTEVpVQ==", "x"],
    "ssekmsencryptioncontext": ["e30=", "eyJhIjoiYiJ9", "W10=", "x", "WzFd", "bnVsbA=="],
    "grantread": [
        'id="abc"',
        f'id="{"0" * 64}"',
        'uri="http://acs.amazonaws.com/groups/global/AllUsers"',
        "id=",
        "emailAddress=x",
        '"',
    ],
    "tagset": [],
}
BY_NAME["sourceexpectedbucketowner"] = BY_NAME["expectedsourcebucketowner"] = BY_NAME["expectedbucketowner"]
BY_NAME["sourcebucket"] = BY_NAME["destinationbucket"] = BY_NAME["bucket"]
BY_NAME["renamesource"] = BY_NAME["copysource"]
BY_NAME["policydocument"] = BY_NAME["policy"]
for _grant in ("grantfullcontrol", "grantwrite", "grantreadacp", "grantwriteacp"):
    BY_NAME[_grant] = BY_NAME["grantread"]


class Dice(Random):
    """A random generator for one request after another.

    Attributes:
        oddness: how much of a request is odd: 0 is nothing, 1 a few things.
        ids: the ids of what exists, by the name of a member.
    """

    oddness: float = 1
    ids: Mapping[str, list[str]] = {}

    def odd(self, chance: float) -> bool:
        """Return whether something should be odd that is so by this chance in a request of oddness 1."""
        return self.random() < chance * self.oddness


def odd(random: Dice) -> str:
    """Return a text that hardly any client would send."""
    return random.choice(random.choice((ODD, ODD, ODD_NUMBERS, ODD_DATES)))


def number(random: Dice) -> str:
    return random.choice(ODD_NUMBERS) if random.odd(0.15) else random.choice(NUMBERS)


def date(random: Dice) -> str:
    return random.choice(ODD_DATES) if random.odd(0.3) else random.choice(DATES)


def text(random: Dice, name: str, enum: tuple[str, ...] = ()) -> str:
    """Return a text for a member: of its enum, of those for its name, or an odd one."""
    if random.odd(0.12):
        return odd(random)
    if enum:
        return random.choice(enum)
    texts = random.ids.get(name.lower()) or BY_NAME.get(name.lower())
    return random.choice(texts) if texts else random.choice(("a", "b", "name", "1", "x-y", "k", "text/plain"))
