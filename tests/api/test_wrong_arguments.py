"""Wrong arguments of what tests call: the error names the argument, what was passed and what is allowed; nothing changes."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ParamValidationError

import fakes3part
from fakes3part import S3Error, faults
from fakes3part.api.fakes3 import FakeS3
from tests.support.state import unchanged

CASES: list[tuple[str, type[Exception], str]] = [
    (
        'f.fail("PutObjec", "SlowDown")',
        ValueError,
        "S3 has no operation 'PutObjec'; did you mean 'PutObject' or 'PutObjectAcl' or 'PostObject'?",
    ),
    ('f.fail(5, "SlowDown")', ValueError, "an operation is a name such as PutObject, a pattern or several of them, not 5"),
    ('f.fail([], "SlowDown")', ValueError, "no operation is named: pass a name, a pattern or several of them"),
    (
        'f.fail(["PutObject", 5], "SlowDown")',
        ValueError,
        "an operation is a name such as PutObject, a pattern or several of them, not 5",
    ),
    (
        'f.fail(None, "SlowDown")',
        ValueError,
        "an operation is a name such as PutObject, a pattern or several of them, not None",
    ),
    (
        'f.fail("PutObject", "SlowDwn")',
        ValueError,
        "S3 has no error 'SlowDwn'; did you mean 'SlowDown'? Use one of fakes3part.errors.ERRORS, or pass status= too",
    ),
    ('f.fail("PutObject", 503)', TypeError, "an effect is one of fakes3part.faults or the code of an error, not 503"),
    ('f.fail("PutObject", None)', TypeError, "an effect is one of fakes3part.faults or the code of an error, not None"),
    (
        'f.fail("PutObject", faults.Reset)',
        TypeError,
        "an effect is one of fakes3part.faults or the code of an error, not the class Reset: write Reset()",
    ),
    ('f.fail("PutObject", "SlowDown", nht=1)', TypeError, "unexpected keyword argument 'nht'; did you mean 'nth'?"),
    ('f.fail("PutObject", "SlowDown", nth=0)', ValueError, "nth= is a number or several, counted from 1, not 0"),
    ('f.fail("PutObject", "SlowDown", nth="1")', ValueError, "nth= is a number or several, counted from 1, not '1'"),
    ('f.fail("PutObject", "SlowDown", nth=1.5)', ValueError, "nth= is a number or several, counted from 1, not 1.5"),
    ('f.fail("PutObject", "SlowDown", nth=[])', ValueError, "nth= is a number or several, counted from 1, not []"),
    ('f.fail("PutObject", "SlowDown", times=0)', ValueError, "times= is at least 1, not 0"),
    ('f.fail("PutObject", "SlowDown", times="2")', ValueError, "times= is at least 1, not '2'"),
    ('f.fail("PutObject", "SlowDown", times=1.5)', ValueError, "times= is at least 1, not 1.5"),
    ('f.fail("PutObject", "SlowDown", probability=2)', ValueError, "probability= is between 0 and 1, not 2"),
    ('f.fail("PutObject", "SlowDown", probability="0.5")', ValueError, "probability= is between 0 and 1, not '0.5'"),
    ('f.fail("PutObject", "SlowDown", bucket=5)', ValueError, "bucket must be a name or a pattern, not 5"),
    ('f.fail("PutObject", "SlowDown", key=b"k")', ValueError, "key must be a name or a pattern, not b'k'"),
    (
        'f.fail("PutObject", "SlowDown", part_number=0)',
        ValueError,
        "part_number= is a number or several, counted from 1, not 0",
    ),
    (
        'f.fail("PutObject", "SlowDown", part_number="1")',
        ValueError,
        "part_number= is a number or several, counted from 1, not '1'",
    ),
    (
        'f.fail("PutObject", "SlowDown", when="always")',
        ValueError,
        "when must be a function that gets a PendingCall and returns whether it is selected, not 'always'",
    ),
    (
        'f.fail("GetObject", faults.ErrorIn200("SlowDown"))',
        ValueError,
        "error_in_200 does not apply to GetObject: it applies to CompleteMultipartUpload, CopyObject and UploadPartCopy only",
    ),
    ('faults.Error("Nope")', ValueError, "S3 has no error 'Nope'. Use one of fakes3part.errors.ERRORS, or pass status= too"),
    ("faults.Error(5)", ValueError, "S3 has no error 5. Use one of fakes3part.errors.ERRORS, or pass status= too"),
    ('faults.Error("SlowDown", status=200)', ValueError, "status= is the HTTP status of an error, 300 to 599, not 200"),
    ('faults.Error("SlowDown", status="503")', ValueError, "status= is the HTTP status of an error, 300 to 599, not '503'"),
    ('faults.Error("SlowDown", retry_after=-1)', ValueError, "retry_after= is at least 0, not -1"),
    ('faults.Error("SlowDown", retry_after="1")', ValueError, "retry_after= is a number, at least 0, not '1'"),
    ("faults.Latency(-1)", ValueError, "seconds= is a time or (low, high), not -1"),
    ('faults.Latency("1")', ValueError, "seconds= is a time or (low, high), not '1'"),
    ("faults.Latency((2, 1))", ValueError, "seconds= is a time or (low, high), not (2, 1)"),
    ("faults.Latency((1, 2, 3))", ValueError, "seconds= is a time or (low, high), not (1, 2, 3)"),
    ("faults.Bandwidth(0)", ValueError, "bytes_per_second= is more than 0, not 0"),
    ('faults.Bandwidth("1")', ValueError, "bytes_per_second= is more than 0, not '1'"),
    ("faults.Truncate(after=-1)", ValueError, "after= is at least 0, not -1"),
    ('faults.Truncate(after="1")', ValueError, "after= is a whole number, at least 0, not '1'"),
    ('faults.Corrupt(offset="1")', ValueError, "offset= is the index of a byte, not '1'"),
    ("faults.Stall(after=-1)", ValueError, "after= is at least 0, not -1"),
    ('faults.Reset(when="never")', ValueError, "when= is 'before', 'during' or 'after', not 'never'"),
    (
        'f.pause_before("PutObjec")',
        ValueError,
        "S3 has no operation 'PutObjec'; did you mean 'PutObject' or 'PutObjectAcl' or 'PostObject'?",
    ),
    ('f.pause_before("PutObject", timeout=-1)', ValueError, "timeout must be a number of seconds, 0 or more, not -1"),
    ('f.pause_before("PutObject", timeout="1")', ValueError, "timeout must be a number of seconds, 0 or more, not '1'"),
    (
        'f.pause_before("PutObject", nth=1)',
        TypeError,
        "unexpected keyword argument 'nth'; there are: bucket, key, part_number, when",
    ),
    ('f.pause_after("PutObject", kay="k")', TypeError, "unexpected keyword argument 'kay'; did you mean 'key'?"),
    (
        'f.on("s3:ObjectCreate:*", print)',
        ValueError,
        "S3 has no event 's3:ObjectCreate:*'; did you mean 's3:ObjectCreated:*' or 's3:ObjectCreated:Put' or "
        "'s3:ObjectCreated:Post'?",
    ),
    (
        'f.on("ObjectCreated:Put", print)',
        ValueError,
        "S3 has no event 'ObjectCreated:Put'; did you mean 's3:ObjectCreated:Put' or 's3:ObjectCreated:Post' "
        "or 's3:ObjectCreated:*'?",
    ),
    ('f.on("s3:*", None)', ValueError, "callback must be a function that gets the record of an event, not None"),
    ('f.on("s3:*", print, bucket=5)', ValueError, "bucket must be text without wildcards, not 5"),
    ('f.on("s3:*", print, prefix=None)', ValueError, "prefix must be text, empty for any key, not None"),
    ("f.on(5, print)", ValueError, "S3 has no event 5"),
    ('f.wait_for_event("s3:Nope", timeout=0)', ValueError, "S3 has no event 's3:Nope'; did you mean 's3:*'?"),
    ('f.wait_for_event(timeout="1")', ValueError, "timeout must be a number of seconds, 0 or more, not '1'"),
    ('f.wait_for_notification("queue", timeout="x")', ValueError, "timeout must be a number of seconds, 0 or more, not 'x'"),
    (
        'f.wait_for_notification("queue", event="s3:Nope", timeout=0)',
        ValueError,
        "S3 has no event 's3:Nope'; did you mean 's3:*'?",
    ),
    ("f.wait_for_notification(5, timeout=0)", ValueError, "destination must be an ARN or the last part of one, not 5"),
    (
        'f.deliver_to("queue", print)',
        ValueError,
        "a destination is the ARN of an SQS queue, an SNS topic, a Lambda function or an event bus, not 'queue'",
    ),
    (
        'f.deliver_to("arn:aws:sqs:us-east-1:123456789012:q", 5)',
        ValueError,
        "notifications are delivered to a function or a URL, not to 5",
    ),
    (
        "f.deliver_to(5, print)",
        ValueError,
        "a destination is the ARN of an SQS queue, an SNS topic, a Lambda function or an event bus, not 5",
    ),
    (
        'f.deliver_to("arn:aws:s3:::bucket", print)',
        ValueError,
        "a destination is the ARN of an SQS queue, an SNS topic, a Lambda function or an event bus, not 'arn:aws:s3:::bucket'",
    ),
    (
        'f.deliver_to("arn:aws:sqs:us-east-1:123456789012:q", "ftp://x")',
        ValueError,
        "a webhook is a URL that begins with http:// or https://, not 'ftp://x'",
    ),
    ('f.deliver_inventory("buckt", "id")', KeyError, "no bucket 'buckt'; did you mean 'bucket'?"),
    ('f.metrics("buckt", "id")', KeyError, "no bucket 'buckt'; did you mean 'bucket'?"),
    ('f.metrics("bucket", "id")', KeyError, "no metrics configuration 'id' of 'bucket'; there are none"),
    ('f.metadata_table("buckt", "journal")', KeyError, "no bucket 'buckt'; did you mean 'bucket'?"),
    ('f.metadata_table("bucket", "journl")', KeyError, "the bucket 'bucket' has no metadata table 'journl'; there are none"),
    (
        'f.delete_metadata_table("bucket", "journal")',
        KeyError,
        "the bucket 'bucket' has no metadata table 'journal'; there are none",
    ),
    ('f.buckets["buckt"]', KeyError, "no bucket 'buckt'; did you mean 'bucket'?"),
    ('f.buckets["bucket"].objects["reports.csv"]', KeyError, "no object 'reports.csv'; did you mean 'report.csv'?"),
    ('f.buckets["bucket"].uploads["x"]', KeyError, "no upload 'x'; there are none"),
    ('f.restore("befor")', KeyError, "there is no snapshot 'befor'; did you mean 'before'?"),
    ("f.restore(5)", ValueError, "snapshot must be what snapshot() returned, or the name of a snapshot, not 5"),
    ("f.restore(None)", ValueError, "snapshot must be what snapshot() returned, or the name of a snapshot, not None"),
    ("f.snapshot(5)", ValueError, "name must be text, not 5"),
    ("f.save(5)", ValueError, "path must be the path of a file or a directory, not 5"),
    ("f.save(None)", ValueError, "path must be the path of a file or a directory, not None"),
    ("FakeS3.load(5)", ValueError, "path must be the path of a file or a directory, not 5"),
    ('f.seed("bucket")', ValueError, 'content must be a dictionary such as {"bucket": {"key": b"bytes"}}, not \'bucket\''),
    (
        'f.seed({"bucket": "key"})',
        TypeError,
        'bucket: the objects of a bucket must be a dictionary such as {"key": b"bytes"}, a KeyRange or an ObjectRange, not str',
    ),
    (
        'f.seed({"Bucket_Name!": {"k": b""}})',
        S3Error,
        "InvalidBucketName: The specified bucket is not valid. ('Bucket_Name!'; the name of a bucket has 3 "
        "to 63 lower-case letters, digits, hyphens and dots, a letter or digit at both ends (since March "
        "2018 in every region); 'bucket-name' would do)",
    ),
    (
        'f.seed({"bu": {"k": b""}})',
        S3Error,
        "InvalidBucketName: The specified bucket is not valid. ('bu'; the name of a bucket has 3 to 63 "
        "lower-case letters, digits, hyphens and dots, a letter or digit at both ends (since March 2018 in "
        "every region))",
    ),
    ('f.seed({5: {"k": b""}})', TypeError, "bucket names and keys must be str, not 5, 'k'"),
    ('f.seed({"bucket": {5: b""}})', TypeError, "bucket names and keys must be str, not 'bucket', 5"),
    (
        'f.seed({"bucket": {"k": 5}})',
        TypeError,
        "bucket/k: an object must be bytes, str, a path, Synthetic, or a dict of put_object's arguments, not int",
    ),
    (
        'f.seed({"bucket": {"k": None}})',
        TypeError,
        "bucket/k: an object must be bytes, str, a path, Synthetic, or a dict of put_object's arguments, not NoneType",
    ),
    ('f.seed({"bucket": {"": b""}})', ValueError, "bucket: a key must have at least one character"),
    (
        'f.seed({"bucket": {"k": {"Boddy": b"1"}}})',
        ParamValidationError,
        'Parameter validation failed:\nUnknown parameter in input: "Boddy", must be one of: ACL, Body, ',
    ),
    (
        'f.seed({"bucket": {"k": {"Body": 5}}})',
        TypeError,
        "bucket/k: an object must be bytes, str, a path, Synthetic, or a dict of put_object's arguments, not int",
    ),
    (
        'f.seed({"bucket": {"k": {"StorageClass": "COLD"}}})',
        S3Error,
        "InvalidStorageClass: The storage class you specified is not valid (bucket/k: StorageClass is one of "
        "DEEP_ARCHIVE, GLACIER, GLACIER_IR, INTELLIGENT_TIERING, ONEZONE_IA, REDUCED_REDUNDANCY, STANDARD, "
        "STANDARD_IA, not 'COLD')",
    ),
    ("f.seed(None)", ValueError, 'content must be a dictionary such as {"bucket": {"key": b"bytes"}}, not None'),
    (
        'f.seed({"bucket": ["k"]})',
        TypeError,
        'bucket: the objects of a bucket must be a dictionary such as {"key": b"bytes"}, a KeyRange or an ObjectRange, not list',
    ),
    (
        'f.seed_directory(folder, "B")',
        S3Error,
        "InvalidBucketName: The specified bucket is not valid. ('B'; the name of a bucket has 3 to 63 "
        "lower-case letters, digits, hyphens and dots, a letter or digit at both ends (since March 2018 in "
        "every region))",
    ),
    ('f.seed_directory(5, "bucket")', ValueError, "path must be the path of a file or a directory, not 5"),
    ("f.seed_directory(folder, 5)", ValueError, "bucket must be text, not 5"),
    ('f.seed_directory(folder, "bucket", prefix=5)', ValueError, "prefix must be text, not 5"),
    ("f.dump(5)", ValueError, "path must be the path of a file or a directory, not 5"),
    (
        'f.add_access_point("ap", "bucket")',
        ValueError,
        "InvalidAccessPoint: The specified access point name or account is not valid. (the name of an access "
        "point has 3 to 50 lower-case letters, digits and hyphens, a letter or digit at both ends, and does "
        "not end in -s3alias or --op-s3; it is 'ap')",
    ),
    (
        'f.add_access_point("ap-one", "buckt")',
        ValueError,
        "NoSuchBucket: The specified bucket does not exist ('buckt'; did you mean 'bucket'?)",
    ),
    (
        'f.add_access_point("ap_one", "bucket")',
        ValueError,
        "InvalidAccessPoint: The specified access point name or account is not valid. (the name of an access "
        "point has 3 to 50 lower-case letters, digits and hyphens, a letter or digit at both ends, and does "
        "not end in -s3alias or --op-s3; it is 'ap_one')",
    ),
    (
        'f.add_access_point("AP-one", "bucket")',
        ValueError,
        "InvalidAccessPoint: The specified access point name or account is not valid. (the name of an access "
        "point has 3 to 50 lower-case letters, digits and hyphens, a letter or digit at both ends, and does "
        "not end in -s3alias or --op-s3; it is 'AP-one')",
    ),
    (
        'f.add_access_point("ap-one", "bucket", policy="{")',
        ValueError,
        "MalformedPolicy: This policy contains invalid Json (policy)",
    ),
    (
        'f.add_access_point("ap-one", "bucket", policy={"Version": "2012"})',
        ValueError,
        "MalformedPolicy: The policy must contain a valid version string (policy)",
    ),
    ('f.add_access_point("ap-one", "bucket", policy=5)', ValueError, "policy must be a dictionary or JSON, not 5"),
    (
        'f.add_access_point("ap-one", "bucket", account="12")',
        ValueError,
        "account must be an account id of 12 digits, or what add_account, add_user or add_session returns, not '12'",
    ),
    ('f.add_access_point("ap-one", "bucket", vpc=5)', ValueError, "vpc must be text, not 5"),
    ('f.add_access_point("ap-one", "bucket", block=True)', ValueError, "block must be a PublicAccessBlock, not True"),
    ('f.add_access_point(5, "bucket")', ValueError, "name must be text, not 5"),
    ('f.add_access_point("ap-one", 5)', ValueError, "bucket must be text, not 5"),
    (
        'f.add_access_point("ap-" + "x" * 60, "bucket")',
        ValueError,
        "InvalidAccessPoint: The specified access point name or account is not valid. (the name of an access "
        "point has 3 to 50 lower-case letters, digits and hyphens, a letter or digit at both ends, and does "
        "not end in -s3alias or --op-s3; it is "
        "'ap-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx')",
    ),
    (
        'f.add_access_point("ap-s3alias", "bucket")',
        ValueError,
        "InvalidAccessPoint: The specified access point name or account is not valid. (the name of an access "
        "point has 3 to 50 lower-case letters, digits and hyphens, a letter or digit at both ends, and does "
        "not end in -s3alias or --op-s3; it is 'ap-s3alias')",
    ),
    (
        'f.add_outposts_bucket("b")',
        ValueError,
        "InvalidBucketName: The specified bucket is not valid. ('b'; the name of a bucket has 3 to 63 "
        "lower-case letters, digits, hyphens and dots, a letter or digit at both ends (since March 2018 in "
        "every region))",
    ),
    (
        'f.add_outposts_bucket("bucket", outpost="op-1")',
        ValueError,
        "InvalidArgument: Invalid Outpost id (an id is op- and 17 hexadecimal digits in lower case, not 'op-1')",
    ),
    (
        'f.add_outposts_bucket("bucket", account="1")',
        ValueError,
        "account must be an account id of 12 digits, or what add_account, add_user or add_session returns, not '1'",
    ),
    (
        'f.add_object_lambda("ol", "bucket", print)',
        ValueError,
        "name must be 3 to 45 lower-case letters, digits and dashes, not 'ol'",
    ),
    (
        'f.add_object_lambda("ol_1", "bucket", print)',
        ValueError,
        "name must be 3 to 45 lower-case letters, digits and dashes, not 'ol_1'",
    ),
    (
        'f.add_object_lambda("ol-one", "bucket", None)',
        ValueError,
        "handler must be a function handler(event, context), as AWS Lambda calls it, not None",
    ),
    (
        'f.add_object_lambda("ol-one", "bucket", print, actions=["PutObject"])',
        ValueError,
        "actions: 'PutObject' is none of GetObject, HeadObject; did you mean 'GetObject' or 'HeadObject'?",
    ),
    (
        'f.add_object_lambda("ol-one", "bucket", print, features=["Range"])',
        ValueError,
        "features: 'Range' is none of GetObject-PartNumber, GetObject-Range, HeadObject-PartNumber, "
        "HeadObject-Range; did you mean 'GetObject-Range'?",
    ),
    ('f.add_object_lambda("ol-one", "bucket", print, payload=5)', ValueError, "payload must be text, not 5"),
    (
        'f.add_object_lambda("ol-one", "bucket", print, account="1")',
        ValueError,
        "account must be an account id of 12 digits, or what add_account, add_user or add_session returns, not '1'",
    ),
    ('f.add_account("12")', ValueError, "an account id must have 12 digits, not '12'"),
    ("f.add_account(12)", ValueError, "an account id must have 12 digits, not 12"),
    ('f.add_account(canonical_id="x")', ValueError, "a canonical user id must have 64 lower-case hex digits, not 'x'"),
    ("f.add_account(access_key=5)", ValueError, "access_key must be text, not 5"),
    ("f.add_account(secret_key=5)", ValueError, "secret_key must be text, not 5"),
    ("f.add_account(display_name=5)", ValueError, "display_name must be text, not 5"),
    (
        'f.add_user("999", "ann")',
        ValueError,
        "account must be an account id of 12 digits, or what add_account, add_user or add_session returns, not '999'",
    ),
    ('f.add_user(None, "ann")', ValueError, "account 123456789012 has a user ann already"),
    ('f.add_user(None, "an n")', ValueError, "name must be 1 to 64 letters, digits and +=,.@_-, not 'an n'"),
    ("f.add_user(None, 5)", ValueError, "name must be text, not 5"),
    ('f.add_user(None, "")', ValueError, "the name of a user must not be empty"),
    (
        'f.add_user(None, "bob", policy="{")',
        ValueError,
        "policy: the policy is not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
    ),
    ('f.add_user(None, "bob", policy={"Statement": [{"Effect": "Alow"}]})', ValueError, "policy: Invalid effect: Alow"),
    ('f.add_user(None, "bob", policy=5)', ValueError, "policy must be a dictionary or JSON, not 5"),
    (
        'f.add_user(5, "bob")',
        ValueError,
        "account must be an account id of 12 digits, or what add_account, add_user or add_session returns, not 5",
    ),
    (
        'f.add_role(None, "r", path="team")',
        ValueError,
        "arn:aws:iam::123456789012:roleteamr is not a valid role ARN: a name is 1 to 64 letters, digits and "
        "+=,.@_-, a path begins and ends with a slash, an account is 12 digits",
    ),
    (
        'f.add_role(None, "r", max_session_duration=1)',
        ValueError,
        "max_session_duration must be from 3600 to 43200 seconds, not 1",
    ),
    (
        'f.add_role(None, "r", max_session_duration="1h")',
        ValueError,
        "max_session_duration must be from 3600 to 43200 seconds, not '1h'",
    ),
    ('f.add_role(None, "r", trust={"Statement": []})', ValueError, "trust: Could not parse the policy: Statement is empty!"),
    ('f.add_role(None, "r r")', ValueError, "name must be 1 to 64 letters, digits and +=,.@_-, not 'r r'"),
    ('f.add_session("ann")', ValueError, "of must be what add_account or add_user returns, not 'ann'"),
    ("f.add_session(None)", ValueError, "of must be what add_account or add_user returns, not None"),
    (
        'f.add_session(root, expires="tomorrow")',
        ValueError,
        "expires must be a datetime with a time zone, such as fakes3.clock.now() + timedelta(hours=1), not 'tomorrow'",
    ),
    (
        "f.add_session(root, expires=datetime(2030,1,1))",
        ValueError,
        "expires must be a datetime with a time zone, such as fakes3.clock.now() + timedelta(hours=1), not "
        "datetime.datetime(2030, 1, 1, 0, 0)",
    ),
    (
        'f.client("s3")',
        ValueError,
        "account must be an account id of 12 digits, or what add_account, add_user or add_session returns "
        "(for a client of S3 pass nothing: fakes3.client()), not 's3'",
    ),
    (
        'f.client("999")',
        ValueError,
        "account must be an account id of 12 digits, or what add_account, add_user or add_session returns, not '999'",
    ),
    (
        "f.client(5)",
        ValueError,
        "account must be an account id of 12 digits, or what add_account, add_user or add_session returns, not 5",
    ),
    ('f.client(identity="an")', ValueError, "account 123456789012 has no user 'an'; did you mean 'ann'?"),
    ("f.client(identity=5)", ValueError, "identity must be the name of a user of the account, not 5"),
    ('f.client(regoin_name="x")', TypeError, "unexpected keyword argument 'regoin_name'; did you mean 'region_name'?"),
    (
        'f.explain("GetObjec", bucket="bucket", key="k")',
        ValueError,
        "'GetObjec' is neither an operation such as GetObject nor an action such as s3:GetObject; did you "
        "mean 'GetObject' or 'GetObjectAcl' or 'PutObject'?",
    ),
    ('f.explain("GetObject", bucket="buckt", key="k")', ValueError, "there is no bucket 'buckt'; did you mean 'bucket'?"),
    (
        'f.explain("GetObject", bucket="bucket", key="k", caller=5)',
        ValueError,
        'caller must be "anonymous", an ARN, an account id, an access key, or what add_user returns, not 5',
    ),
    ("f.explain(5)", ValueError, 'what must be an operation such as "GetObject", or an action such as "s3:GetObject", not 5'),
    ('f.explain("GetObject", bucket="bucket", key="k", source_ip="x")', ValueError, "source_ip must be an IP address, not 'x'"),
    (
        'f.explain("GetObject", bucket="bucket", key="k", headers=["x"])',
        ValueError,
        "headers must be a dictionary of headers, not ['x']",
    ),
    ('f.storage_options("pandas")', ValueError, 'kind must be "object_store" or "fsspec", not \'pandas\''),
    ("f.duckdb_secret(5)", ValueError, "name must be the name of a secret, not 5"),
    ('f.clock.advance("1 day")', ValueError, "by must be a timedelta; advance(days=1, hours=2) needs none, not '1 day'"),
    ("f.clock.advance(dayz=1)", TypeError, "unexpected keyword argument 'dayz'; did you mean 'days'?"),
    ('f.clock.advance(days="1")', ValueError, "days must be a number, not '1'"),
    ("f.clock.advance(5)", ValueError, "by must be a timedelta; advance(days=1, hours=2) needs none, not 5"),
    ('f.clock.move_to("tomorrow")', ValueError, "not a date in ISO 8601, such as '2027-01-31T12:00:00Z': 'tomorrow'"),
    ("f.clock.move_to(5)", ValueError, "a time must be a datetime or text in ISO 8601, not 5"),
    ('f.clock.freeze("tomorrow")', ValueError, "not a date in ISO 8601, such as '2027-01-31T12:00:00Z': 'tomorrow'"),
    ("f.clock.freeze(5)", ValueError, "a time must be a datetime or text in ISO 8601, not 5"),
    (
        'f.calls.filter("GetObjec")',
        ValueError,
        "S3 has no operation 'GetObjec'; did you mean 'GetObject' or 'GetObjectAcl' or 'PutObject'?",
    ),
    ('f.calls.filter(buckt="b")', TypeError, "calls cannot be filtered by 'buckt'; did you mean 'bucket'?"),
    ('f.calls.filter(status="200")', ValueError, "status must be an HTTP status, not '200'"),
    ('f.calls.filter(since="yesterday")', ValueError, "since must be a call, its number, or a time, not 'yesterday'"),
    (
        "f.calls.filter(since=datetime(2030,1,1))",
        ValueError,
        "since must have a time zone, as fakes3.clock.now() has, not datetime.datetime(2030, 1, 1, 0, 0)",
    ),
    ('f.calls.assert_called("PutObject", times=-1)', ValueError, "times must be a number of calls, 0 or more, not -1"),
    ('f.calls.assert_called("PutObject", times="1")', ValueError, "times must be a number of calls, 0 or more, not '1'"),
    (
        "f.calls.assert_at_most(GetObjec=1)",
        ValueError,
        "S3 has no operation 'GetObjec'; did you mean 'GetObject' or 'GetObjectAcl' or 'PutObject'?",
    ),
    ('f.calls.assert_at_most(GetObject="1")', ValueError, "GetObject must be a number of calls, 0 or more, not '1'"),
    ("f.calls.assert_at_most(GetObject=-1)", ValueError, "GetObject must be a number of calls, 0 or more, not -1"),
    (
        'f.calls.assert_order("PutObjec")',
        ValueError,
        "S3 has no operation 'PutObjec'; did you mean 'PutObject' or 'PutObjectAcl' or 'PostObject'?",
    ),
    ("f.calls.assert_order()", ValueError, "no operation is named: pass a name, a pattern or several of them"),
    (
        'f.calls.assert_order(["PutObject"])',
        ValueError,
        "assert_order takes the operations one by one, as text, not ['PutObject']",
    ),
    ('FakeS3(regoin="x")', ValueError, "unknown setting 'regoin'; did you mean 'region'?"),
    ("FakeS3(region=5)", ValueError, 'region must be the name of an AWS region, such as "us-east-1", not 5'),
    ('FakeS3(min_part_size="5MB")', ValueError, "min_part_size must be a whole number of bytes, 0 or more, not '5MB'"),
    ("FakeS3.from_config(5)", ValueError, "path must be the path of a file or a directory, not 5"),
    ("Server(5)", ValueError, "fake must be a FakeS3; the address is host=, the port is port=, not 5"),
    ('Server(f, region="x")', TypeError, "settings belong to the fake that was given: region"),
    ('Server(port="x")', ValueError, "port must be a whole number, 0 to 65535, not 'x'"),
    ("Server(port=99999)", ValueError, "port must be a whole number, 0 to 65535, not 99999"),
    ("Server(port=-1)", ValueError, "port must be a whole number, 0 to 65535, not -1"),
    ("Server(host=5)", ValueError, "host must be the address to listen on, such as '127.0.0.1', not 5"),
    ('Server(key="/nonexistent")', ValueError, "the key /nonexistent needs the certificate that belongs to it (cert=, --cert)"),
    ('Server(regoin="x")', ValueError, "unknown setting 'regoin'; did you mean 'region'?"),
    ('ThreadedMotoServer(port="x")', ValueError, "port must be a whole number, 0 to 65535, not 'x'"),
    ('mock_s3(regoin="x")', ValueError, "unknown setting 'regoin'; did you mean 'region'?"),
    ("mock_s3(config=5)", ValueError, "config must be moto's dictionary: {'core': {...}}, not 5"),
    ('mock_aws(others="nope")', ValueError, 'others must be "moto" or "refuse", not \'nope\''),
    (
        'mock_aws(config={"core": {"passthrough": {"services": "sqs"}}})',
        ValueError,
        "config: services of passthrough must be a list, not 'sqs'",
    ),
    ("mock_s3(5)", TypeError, "a mock decorates a function or a class, not 5; settings are keyword arguments"),
    ("Synthetic(size=-1)", ValueError, "the size of a Synthetic must be a number of bytes from 0 to 53687091200000, not -1"),
    ('Synthetic("1")', ValueError, "the size of a Synthetic must be a number of bytes from 0 to 53687091200000, not '1'"),
    ('Settings(region="")', ValueError, "region must be the name of an AWS region, such as \"us-east-1\", not ''"),
]


@pytest.fixture
def fake() -> FakeS3:
    fake = FakeS3()
    fake.seed({"bucket": {"report.csv": b"1,2"}})
    fake.add_user(None, "ann")
    fake.snapshot("before")
    return fake


@pytest.mark.parametrize(("call", "error", "text"), CASES, ids=[call for call, _, _ in CASES])
def test_the_error_says_what_is_allowed(fake: FakeS3, tmp_path: Path, call: str, error: type[Exception], text: str) -> None:
    root = fake.accounts.principal(fake.accounts.account(fake.settings.account))
    names: dict[str, Any] = {**vars(fakes3part), "datetime": datetime, "faults": faults, "folder": str(tmp_path), "root": root}
    names |= {name: getattr(fakes3part, name) for name in fakes3part.__all__}
    with unchanged(fake), pytest.raises(error) as raised:
        eval(call, names, {"f": fake})
    assert str(raised.value)[: len(text)] == text
    assert error is ParamValidationError or str(raised.value) == text
    assert list(fake.faults) == []


def test_a_time_with_a_zone_is_allowed(fake: FakeS3) -> None:
    at = fake.clock.now()
    assert list(fake.calls.filter(since=at)) == []
    root = fake.accounts.principal(fake.accounts.account(fake.settings.account))
    assert fake.add_session(root, expires=datetime(2030, 1, 1, tzinfo=timezone.utc)).session_token


def test_codes_and_elements_of_s3s_errors_stay(fake: FakeS3) -> None:
    with pytest.raises(S3Error) as name:
        fake.seed({"No": {}})
    assert (name.value.code, name.value.status, name.value.extras) == ("InvalidBucketName", 400, {"BucketName": "No"})
    with pytest.raises(S3Error) as storage_class:
        fake.seed({"bucket": {"k": {"StorageClass": "COLD"}}})
    assert (storage_class.value.code, storage_class.value.message) == (
        "InvalidStorageClass",
        "The storage class you specified is not valid",
    )
