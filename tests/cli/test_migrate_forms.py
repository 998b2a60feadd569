"""What ``fakes3part migrate`` makes of one file: forms that occur in test suites, before and after."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest
from _pytest.mark import ParameterSet

from fakes3part.cli.migrate.migrate import migrate
from fakes3part.cli.migrate.source import Source

S3 = 'boto3.client("s3")\n'
"""What makes a file one that uses S3."""

FORMS = '''\
=== import
from moto import mock_aws
--- becomes
from fakes3part import mock_aws
=== alias
from moto import mock_aws as moto_mock
@moto_mock
def test(): ...
--- becomes
from fakes3part import mock_aws as moto_mock
@moto_mock
def test(): ...
=== mixed import
from moto import mock_aws, settings  # noqa: E402
--- becomes
from fakes3part import mock_aws  # noqa: E402
from moto import settings  # noqa: E402
=== parentheses and comments
from moto import (
    mock_s3,  # files
    mock_sts,  # identity
)
mock_s3(); mock_sts()
--- becomes
# identity
from fakes3part import (
    mock_aws,  # files
)
mock_aws(); mock_aws()
=== in a function
def test():
    """Use moto."""
    from moto import mock_s3
    with mock_s3():
        pass
--- becomes
def test():
    """Use moto."""
    from fakes3part import mock_aws
    with mock_aws():
        pass
=== for type checkers
if TYPE_CHECKING:
    from moto.server import ThreadedMotoServer
def f(server: ThreadedMotoServer): ...
--- becomes
if TYPE_CHECKING:
    from fakes3part import ThreadedMotoServer
def f(server: ThreadedMotoServer): ...
=== both versions of moto
try:
    from moto import mock_aws
except ImportError:
    from moto import mock_s3 as mock_aws

@mock_aws
class A: ...
--- becomes
try:
    from fakes3part import mock_aws
except ImportError:
    from fakes3part import mock_aws

@mock_aws
class A: ...
=== the module
import moto
@moto.mock_aws
def test():
    with moto.mock_s3(): pass
--- becomes
import fakes3part
@fakes3part.mock_aws
def test():
    with fakes3part.mock_aws(): pass
=== the module among others
import os, moto, sys
moto.mock_aws().start()
--- becomes
import fakes3part
import os, sys
fakes3part.mock_aws().start()
=== the module, which stays
import moto
moto.mock_aws()
moto.s3.models.X
--- becomes
import fakes3part
import moto
fakes3part.mock_aws()
moto.s3.models.X
=== several statements on a line
import os; import moto; moto.mock_aws()
--- becomes
import os; import fakes3part; fakes3part.mock_aws()
=== several services
from moto import mock_s3, mock_sts
from moto import mock_kms

@mock_s3
# keys
@mock_kms()
@mock_sts
def test(): ...
--- becomes
from fakes3part import mock_aws

@mock_aws
# keys
def test(): ...
=== several services in a with statement
from moto import mock_s3, mock_sts
with mock_s3(), mock_sts(), open('x') as x:
    pass
--- becomes
from fakes3part import mock_aws
with mock_aws(), open('x') as x:
    pass
=== decorators between others
from moto import mock_s3, mock_sts
class A:
    @mock_s3
    @skip  # why
    @mock_sts
    async def test(self): ...
--- becomes
from fakes3part import mock_aws
class A:
    @mock_aws
    @skip  # why
    async def test(self): ...
=== a fixture of the new name
from moto import mock_s3
@fixture
def mock_aws():
    with mock_s3():
        yield
--- becomes
from fakes3part import mock_aws as mock_s3
@fixture
def mock_aws():
    with mock_s3():
        yield
=== a parameter of the new name
from moto import mock_s3
def f(mock_aws):
    def g(): mock_s3()
--- becomes
from fakes3part import mock_aws as mock_s3
def f(mock_aws):
    def g(): mock_s3()
=== a fixture of the old name
from moto import mock_s3
mock_s3().start()
def mock_s3(): ...
--- becomes
from fakes3part import mock_aws as mock_s3
mock_s3().start()
def mock_s3(): ...
=== a name for other modules
from moto import mock_s3
--- becomes
from fakes3part import mock_aws as mock_s3
=== a variable that is not moto's
from moto import mock_aws
def f(moto): return moto.mock_s3()
--- becomes
from fakes3part import mock_aws
def f(moto): return moto.mock_s3()
=== attributes and arguments
from moto import mock_s3
self.mock_s3 = mock_s3()
f(mock_s3=1).mock_s3
mock_s3.__doc__
--- becomes
from fakes3part import mock_aws
self.mock_s3 = mock_aws()
f(mock_s3=1).mock_s3
mock_aws.__doc__
=== server
from moto.server import ThreadedMotoServer
from moto.moto_server.threaded_moto_server import ThreadedMotoServer as T
--- becomes
from fakes3part import ThreadedMotoServer
from fakes3part import ThreadedMotoServer as T
=== server by its module
import moto.server
from moto import server
moto.server.ThreadedMotoServer(port=0)
server.ThreadedMotoServer()
--- becomes
import fakes3part
fakes3part.ThreadedMotoServer(port=0)
fakes3part.ThreadedMotoServer()
=== importorskip
server = pytest.importorskip('moto.server', minversion='5')
pytest.importorskip("moto")
server.ThreadedMotoServer()
--- becomes
server = pytest.importorskip('fakes3part')
pytest.importorskip("fakes3part")
server.ThreadedMotoServer()
=== moto_server
Popen([
    'moto_server',
    's3',
    '-p', port,
])
--- becomes
Popen([
    'fakes3part', 'serve', '--lenient',
    '-p', port,
])
=== moto_server as text
shlex.split(f"moto_server s3 -p {port}"); system("moto_server -H ::1 -p5000 &")
--- becomes
shlex.split(f"fakes3part serve --lenient -p {port}"); system("fakes3part serve --lenient -H ::1 -p5000 &")
=== moto.server as a module
Popen([sys.executable, "-m", "moto.server", "-p", f"{port}"])
Popen([sys.executable, *shlex.split(f"-m moto.server -p {port}")])
call(f"{sys.executable} -m moto.server s3 -p {port}", shell=True)
--- becomes
Popen([sys.executable, "-m", "fakes3part", "serve", "--lenient", "-p", f"{port}"])
Popen([sys.executable, *shlex.split(f"-m fakes3part serve --lenient -p {port}")])
call(f"{sys.executable} -m fakes3part serve --lenient -p {port}", shell=True)
=== constants
"""Tests."""
import os

from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT_ID, patch_client
from moto.s3.responses import DEFAULT_REGION_NAME
from moto import mock_aws
import sys
print(ACCOUNT_ID)
import io
--- becomes
"""Tests."""
import os

from moto.core import patch_client
from fakes3part import mock_aws
import sys

ACCOUNT_ID = "123456789012"
DEFAULT_REGION_NAME = "us-east-1"
print(ACCOUNT_ID)
import io
=== constants at other places
import moto
from moto.core import ACCOUNT_ID  # the account
def f():
    from moto.core import ACCOUNT_ID as a
    return a
if f: from moto.core import ACCOUNT_ID; moto.mock_aws()
--- becomes
import fakes3part
ACCOUNT_ID = "123456789012"  # the account
def f():
    a = "123456789012"
    return a
if f: ACCOUNT_ID = "123456789012"; fakes3part.mock_aws()
=== other services by configuration
from moto import mock_aws
mock_aws(config={"core": {}, "lambda": {"use_docker": False}}).start()
--- becomes
from fakes3part import mock_aws
mock_aws(config={"core": {}, "lambda": {"use_docker": False}}, others="moto").start()
=== other services by client
from moto import mock_aws
sqs = session.client(service_name="sqs")
@mock_aws
class A:
    with mock_aws(config={}): ...
--- becomes
from fakes3part import mock_aws
sqs = session.client(service_name="sqs")
@mock_aws(others="moto")
class A:
    with mock_aws(config={}, others="moto"): ...
=== other services by mock
import moto
from moto import mock_s3, mock_sqs
@mock_s3
@mock_sqs
def test(): moto.mock_iam()
'', ''
--- becomes
import fakes3part
from fakes3part import mock_aws
@mock_aws(others='moto')
def test(): fakes3part.mock_aws(others='moto')
'', ''
=== other services, arguments on lines
import moto
boto3.resource("dynamodb")
moto.mock_aws(
    config={},
)(f); moto.mock_aws(f)
--- becomes
import fakes3part
boto3.resource("dynamodb")
fakes3part.mock_aws(
    config={},
    others="moto",
)(f); fakes3part.mock_aws(others="moto")(f)
'''


def migrated(text: str, name: str = "test_it.py") -> tuple[str, list[str]]:
    """Return the new text, and the findings as ``LINE: WHAT: ADVICE``."""
    result = migrate(Source(Path(name), text, "utf-8", b""))
    return result.text, [str(finding).removeprefix(f"{name}:") for finding in sorted(result.findings())]


def forms() -> list[ParameterSet]:
    """Return the forms before and after."""
    parts = re.findall(r"=== (.*)\n((?s:.*?))--- becomes\n((?s:.*?))(?==== |\Z)", FORMS)
    return [pytest.param(before, after, id=name) for name, before, after in parts]


@pytest.mark.parametrize(("before", "after"), forms())
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_a_form_is_rewritten(before: str, after: str, newline: str) -> None:
    before, after = ((text + S3).replace("\n", newline) for text in (before, after))
    assert migrated(before)[0] == after
    assert migrated(after)[0] == after
    compile(after, "after", "exec", dont_inherit=True)


REPORTED = {
    "import moto\nmoto.core.DEFAULT_ACCOUNT_ID": '2: moto.core.DEFAULT_ACCOUNT_ID: write the account: "123456789012"',
    "import moto.s3.responses as r\nr.DEFAULT_REGION_NAME": "2: moto.s3.responses.DEFAULT_REGION_NAME: write the region",
    "from moto import *": '1: "moto.*": import the names themselves',
    'importlib.import_module("moto")': '1: "moto": write fakes3part for what concerns S3',
    "from moto.settings import TEST_SERVER_MODE": "1: moto.settings.TEST_SERVER_MODE: read the environment variable",
    'patch("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 1)': '1: "moto.s3.models.S3_UPLOAD_PART_MIN_SIZE": write mock_aws(',
    'patch("moto.mock_s3")': '1: "moto.mock_s3": write "fakes3part.mock_aws"',
    "import moto.s3.models as m\nm.S3_UPLOAD_PART_MIN_SIZE = 1": "2: moto.s3.models.S3_UPLOAD_PART_MIN_SIZE: write mock",
    "from moto.s3.models import s3_backends": "1: moto.s3.models.s3_backends: write current_fake().buckets",
    "from moto.backends import get_backend": "1: moto.backends.get_backend: write current_fake().buckets",
    "from moto.core import patch_client": "1: moto.core.patch_client: delete the call",
    "from moto.core import set_initial_no_auth_action_count": "1: moto.core.set_initial_no_auth_action_count: write fakes3.add",
    "from moto.server import DomainDispatcherApplication": "1: moto.server.DomainDispatcherApplication: write FakeS3().wsgi_app",
    "from moto import mock_s3_deprecated": "1: moto.mock_s3_deprecated: fakes3part mocks boto3 and botocore, not boto 2",
    "import moto": "1: moto: write fakes3part for what concerns S3",
    "import moto\nmoto.__version__": "2: moto.__version__: leave the condition out",
    'pytest.importorskip("moto")': '1: importorskip("moto"): write importorskip("fakes3part")',
    'Popen(["moto_server", "s3"])': "1: moto_server: write fakes3part serve --lenient -H HOST -p PORT; its port is 4580",
    'Popen(["moto_server", "sqs", "-p", "1"])': "1: moto_server: moto serves sqs",
    'Popen(["moto_server", "-s", "-p", "1"])': "1: moto_server: write fakes3part serve --lenient -H HOST -p PORT, without -s",
    'Popen(["moto_server", *arguments])': "1: moto_server: write fakes3part serve",
    'shutil.which("moto_server")': "1: moto_server: write fakes3part serve",
    'requests.get(url + "/moto-api/data.json")': '1: "/moto-api/data.json": fakes3part has /moto-api/reset only',
    'needs = ["moto[s3]>=5, <6"]': '1: "moto[s3]>=5, <6": write fakes3part',
    "needs = [\"moto; python_version>'3'\"]": "1: \"moto; python_version>'3'\": add fakes3part; keep moto",
}


@pytest.mark.parametrize(("text", "finding"), REPORTED.items())
def test_what_is_not_rewritten_is_reported(text: str, finding: str) -> None:
    text = f"{text}\n{S3}"
    new_text, findings = migrated(text)
    assert new_text == text
    assert len(findings) == 1
    assert findings[0].startswith(finding)


def test_the_reset_url_and_prose_are_not_reported() -> None:
    text = f'"""Uses moto.mock_s3."""\nrequests.post(f"{{url}}/moto-api/reset")  # moto.core\n{S3}'
    text += 'log("moto"); skip("moto<5 cannot"); "moto_server"\n'
    assert migrated(text) == (text, [])


@pytest.mark.parametrize("name", ["test_queue.py", "conftest.py"])
@pytest.mark.parametrize(
    "text",
    [
        'from moto import mock_aws\n@mock_aws\ndef test(): boto3.client("sqs")\n',
        "from moto import mock_sqs, mock_iam\n@mock_iam\n@mock_sqs\ndef test(): ...\n",
        "from moto import mock_sts\nfrom moto.core import ACCOUNT_ID\n",
        "import moto\nfrom moto.ec2.utils import random_id\n",
    ],
)
def test_a_file_of_other_services_keeps_moto(text: str, name: str) -> None:
    assert migrated(text, name) == (text, [])


def test_a_test_without_s3_is_reported_and_a_helper_is_rewritten() -> None:
    text = "from moto import mock_aws, settings\nfrom moto.core.utils import utcnow\n"
    advice = "no use of S3 is seen in this file: if it is for S3, write from fakes3part import mock_aws; else keep moto's"
    assert migrated(text) == (text, [f"1: {advice}"])
    assert migrated("import moto\nmoto.mock_aws()\n")[1] == [f"1: {advice}"]
    assert migrated("from moto import mock_aws\n", "conftest.py") == ("from fakes3part import mock_aws\n", [])


def test_a_server_of_other_services_stays() -> None:
    text = f'from moto.server import ThreadedMotoServer\nboto3.client("sqs")\n{S3}'
    new_text, findings = migrated(text)
    assert new_text == text
    assert findings == [
        "1: moto.server.ThreadedMotoServer: not moved, because this file uses sqs: "
        "start fakes3part.ThreadedMotoServer beside it, for S3"
    ]


def test_services_that_cannot_be_seen_are_reported() -> None:
    text = "from moto import mock_aws\nfrom project.sqs import Queue\nmock_aws()\nboto3.client(name)\n" + S3
    advice = 'write mock_aws(others="moto")'
    assert migrated(text)[1] == [
        f"2: sqs is imported: if it is called under the mock, {advice}",
        f"4: the name of the service is not a literal: if it is not S3, STS or KMS, {advice}",
    ]
    text = "from moto import mock_s3, mock_sqs\ncombine(mock_s3, mock_sqs)\n"
    assert migrated(text)[1] == [f"2: a mock that is neither called nor a decorator: {advice}"]


def test_services_that_read_buckets_are_reported() -> None:
    text = f'from moto import mock_aws\nboto3.client("lambda"); boto3.client("sqs"); boto3.client("athena")\nmock_aws()\n{S3}'
    advice = "they read the buckets of moto, not those of fakes3part: keep moto's mock where they need objects"
    assert migrated(text) == (
        text.replace("from moto", "from fakes3part").replace("mock_aws()", 'mock_aws(others="moto")'),
        [f"3: athena, lambda: {advice}"],
    )


@pytest.mark.parametrize("text", ["print 'moto'\n", "def moto(:\n", "moto = (" * 2000, "moto\0\n"])
def test_what_does_not_parse_is_refused(text: str) -> None:
    with pytest.raises(SyntaxError):
        migrated(text)


def test_the_rest_of_a_file_is_kept_byte_for_byte() -> None:
    rest = dedent(
        """\
        x = {'a':1,
              "b" : 2 ,}   # odd\t
        \x0c
        def f( a,b ) :  return(a  +b);
        s = '''moto.mock_s3
          text'''
        if x :
        \tpass
        """
    )
    before = f"#!/usr/bin/env python\n# -*- coding: utf-8 -*-\nfrom moto import mock_s3\n{rest}mock_s3()  # last, no line end"
    after = before.replace("from moto import mock_s3", "from fakes3part import mock_aws").replace("mock_s3()", "mock_aws()")
    assert migrated(before) == (after, [])
