"""``mock_aws(others="moto")``: S3 is ours, and moto serves what we do not."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import textwrap
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import boto3
import moto
import pytest
import requests
from botocore.exceptions import ClientError

from fakes3part import FakeS3, ServiceNotFaked, current_fake, mock_aws
from tests.support.moto import REGION, client, create_table, moto_left_as_it_was, tables

__all__ = ["moto_left_as_it_was"]

ALLOW_ALL = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


def function_code() -> bytes:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("function.py", "def handler(event, context):\n    return event\n")
    return code.getvalue()


# A suite that uses S3 and six other services


@mock_aws(others="moto", config={"lambda": {"use_docker": False}})
def test_a_pipeline_over_seven_services() -> None:
    """A parameter names the bucket, a secret the password; an upload is announced by SNS to SQS, indexed and processed."""
    s3, sqs, sns, dynamodb = client("s3"), client("sqs"), client("sns"), boto3.resource("dynamodb", region_name=REGION)
    secrets, ssm, functions, iam = client("secretsmanager"), client("ssm"), client("lambda"), client("iam")
    ssm.put_parameter(Name="/bucket", Value="uploads", Type="String")
    secrets.create_secret(Name="password", SecretString="hunter2")
    bucket = ssm.get_parameter(Name="/bucket")["Parameter"]["Value"]
    s3.create_bucket(Bucket=bucket)
    create_table("index")
    queue = sqs.create_queue(QueueName="queue")["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name="topic")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)
    role = iam.create_role(RoleName="role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    functions.create_function(
        FunctionName="f", Runtime="python3.11", Role=role, Handler="function.handler", Code={"ZipFile": function_code()}
    )

    version = s3.put_object(Bucket=bucket, Key="key", Body=b"content")["ETag"]
    sns.publish(TopicArn=topic, Message=json.dumps({"key": "key"}))
    [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
    key = json.loads(json.loads(message["Body"])["Message"])["key"]
    dynamodb.Table("index").put_item(Item={"id": key, "etag": version})
    assert functions.invoke(FunctionName="f", Payload=b"{}")["StatusCode"] == 200

    assert dynamodb.Table("index").get_item(Key={"id": "key"})["Item"]["etag"] == version
    assert secrets.get_secret_value(SecretId="password")["SecretString"] == "hunter2"
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"content"
    fake = current_fake()
    assert fake is not None
    assert [call.operation for call in fake.calls] == ["CreateBucket", "PutObject", "GetObject"]


# Who serves what


@pytest.fixture(params=["others", "moto outside", "moto inside"])
def beside_moto(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """A context manager that enters a mock of ours with the given settings, and moto, in one of the three ways."""

    @contextmanager
    def both(**settings: Any) -> Iterator[FakeS3]:
        with ExitStack() as entered:
            if request.param == "moto outside":
                entered.enter_context(moto.mock_aws())
            fake = entered.enter_context(mock_aws(**settings, others="moto" if request.param == "others" else None))
            if request.param == "moto inside":
                entered.enter_context(moto.mock_aws())
            yield fake

    return both


def test_s3_and_s3_control_are_ours_and_the_rest_is_motos(beside_moto: Any) -> None:
    with beside_moto() as fake:
        key = client("kms").create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]  # we have none such
        assert [listed["KeyId"] for listed in client("kms").list_keys()["Keys"]] == [key]
        role = client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]
        assumed = client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="session")
        assert assumed["AssumedRoleUser"]["AssumedRoleId"].startswith(role["RoleId"])  # only moto's IAM knows it
        keys = assumed["Credentials"]
        session = boto3.session.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], REGION)
        session.client("s3").create_bucket(Bucket="bucket")
        session.client("s3").put_object(Bucket="bucket", Key="k", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
        point = session.client("s3control").create_access_point(AccountId="123456789012", Name="point", Bucket="bucket")
        session.client("s3").head_object(Bucket=point["Alias"], Key="k")
        assert [call.operation for call in fake.calls] == ["CreateBucket", "PutObject", "HeadObject"]


def test_with_strict_kms_the_keys_are_ours(beside_moto: Any) -> None:
    """Else S3 would refuse every key that a test creates."""
    with beside_moto(strict_kms=True):
        key = client("kms").create_key()["KeyMetadata"]["KeyId"]
        client("s3").create_bucket(Bucket="bucket")
        client("s3").put_object(Bucket="bucket", Key="k", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
        client("kms").disable_key(KeyId=key)
        with pytest.raises(ClientError, match=r"KMS\.DisabledException"):
            client("s3").get_object(Bucket="bucket", Key="k")
        assert tables() == []


def test_with_strict_credentials_the_sessions_are_ours(beside_moto: Any) -> None:
    """Else S3 would refuse every session that a test makes."""
    with beside_moto(strict_credentials=True) as fake:
        user = fake.add_user(None, "user", ALLOW_ALL)
        sts = boto3.client("sts", REGION, aws_access_key_id=user.access_key, aws_secret_access_key=user.secret_key)
        assert sts.get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/user"
        keys = sts.get_session_token()["Credentials"]
        session = boto3.session.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], REGION)
        assert session.client("s3").list_buckets()["Buckets"] == []
        assert tables() == []


def test_clients_made_before_moto_was_imported() -> None:
    """moto alone cannot serve these: its handler is added to clients that are made after its import."""
    script = """
        import boto3, sys
        clients = {name: boto3.client(name, "us-east-1") for name in ("s3", "sqs", "kms", "sts", "dynamodb")}
        from fakes3part import mock_aws

        @mock_aws(others="moto")
        def test():
            clients["s3"].create_bucket(Bucket="bucket")
            clients["sqs"].create_queue(QueueName="queue")
            assert clients["sqs"].list_queues()["QueueUrls"] == ["https://sqs.us-east-1.amazonaws.com/123456789012/queue"]
            key = clients["kms"].create_key()["KeyMetadata"]["KeyId"]
            late = boto3.client("kms", "us-east-1")
            assert late.describe_key(KeyId=key)["KeyMetadata"]["KeyId"] == key
            assert clients["sts"].get_caller_identity()["Account"] == "123456789012"
            assert clients["s3"].list_buckets()["Buckets"][0]["Name"] == "bucket"
            try:
                clients["dynamodb"].describe_table(TableName="none")
            except clients["dynamodb"].exceptions.ResourceNotFoundException as error:
                print(error.response["Error"]["Message"])

        assert "moto" not in sys.modules
        test()
    """
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False
    )
    assert (ran.stdout, ran.stderr) == ("Requested resource not found: Table: none not found\n", "")


def test_requests_gets_presigned_urls_from_us(beside_moto: Any) -> None:
    """moto intercepts the library requests; S3's URLs are ours there too."""
    with beside_moto() as fake:
        s3 = client("s3")
        s3.create_bucket(Bucket="bucket")
        upload = s3.generate_presigned_url("put_object", {"Bucket": "bucket", "Key": "a b", "ContentType": "text/plain"})
        put = requests.put(upload, b"content", headers={"Content-Type": "text/plain"}, timeout=5)
        assert (put.status_code, put.headers["ETag"]) == (200, '"9a0364b9e99bb480dd25e1f0284c8555"')
        download = s3.generate_presigned_url("get_object", {"Bucket": "bucket", "Key": "a b"})
        got = requests.get(download, timeout=5)
        assert (got.status_code, got.content, got.headers["Content-Type"]) == (200, b"content", "text/plain")
        assert requests.get(download, timeout=5, stream=True).raw.read(3) == b"con"
        assert requests.get(download, headers={"Range": "bytes=1-2"}, timeout=5).content == b"on"
        assert (
            requests.head(s3.generate_presigned_url("head_object", {"Bucket": "bucket", "Key": "a b"}), timeout=5).content == b""
        )
        missing = requests.get(s3.generate_presigned_url("get_object", {"Bucket": "bucket", "Key": "b"}), timeout=5)
        assert (missing.status_code, "<Code>NoSuchKey</Code>" in missing.text) == (404, True)
        post = s3.generate_presigned_post("bucket", "form")
        assert requests.post(post["url"], post["fields"], files={"file": b"formed"}, timeout=5).status_code == 204
        assert fake.buckets["bucket"].objects["form"].data == b"formed"


def test_other_clients_are_refused_as_ever() -> None:
    with mock_aws(others="moto"), pytest.raises(ServiceNotFaked):
        urllib.request.urlopen("https://dynamodb.us-east-1.amazonaws.com/", timeout=1)


def test_what_moto_makes_in_its_own_s3_is_not_in_ours() -> None:
    """A limit, which docs/guides/moto.md names: moto's services use moto's S3."""
    with mock_aws(others="moto", config={"lambda": {"use_docker": False}}):
        client("s3").create_bucket(Bucket="bucket")
        client("s3").put_object(Bucket="bucket", Key="code.zip", Body=function_code())
        role = client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        with pytest.raises(ClientError, match=r"Error occurred while GetObject\. S3 Error Code: NoSuchBucket"):
            client("lambda").create_function(
                FunctionName="f",
                Runtime="python3.11",
                Role=role,
                Handler="function.handler",
                Code={"S3Bucket": "bucket", "S3Key": "code.zip"},
            )
