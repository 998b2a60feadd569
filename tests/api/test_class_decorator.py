"""``@mock_s3`` on classes, run by unittest's runner and by pytest's."""

from __future__ import annotations

import io
import textwrap
import unittest
from typing import Any

import boto3
import pytest

from fakes3part import mock_s3
from fakes3part.intercept import activation
from fakes3part.intercept.network_guard import ServiceNotFaked
from tests.support.programs import Programs


def make(name: str) -> None:
    _client().create_bucket(Bucket=name)


def names() -> list[str]:
    return [bucket["Name"] for bucket in _client().list_buckets()["Buckets"]]


def _client() -> Any:
    return boto3.client("s3", region_name="us-east-1")


def run(*cases: type[unittest.TestCase]) -> unittest.TestResult:
    suite = unittest.TestSuite(unittest.defaultTestLoader.loadTestsFromTestCase(case) for case in cases)
    result = unittest.TextTestRunner(stream=io.StringIO()).run(suite)
    assert activation.current_backend() is None
    return result


def passes(*cases: type[unittest.TestCase], tests: int) -> None:
    result = run(*cases)
    assert [text for _, text in result.errors + result.failures] == []
    assert result.testsRun == tests


class Case(unittest.TestCase):
    """Not collected: it has no test."""

    __test__ = False


class TestUnittest:
    def test_set_up_class_to_tear_down_class(self) -> None:
        seen: list[Any] = []

        @mock_s3
        class It(Case):
            @classmethod
            def setUpClass(cls) -> None:
                make("of-class")
                cls.addClassCleanup(lambda: seen.append(("class cleanup", names())))

            @classmethod
            def tearDownClass(cls) -> None:
                seen.append(("tearDownClass", names()))

            def setUp(self) -> None:
                assert names() == ["of-class"]
                make("of-test")
                self.addCleanup(lambda: seen.append(("cleanup", names())))

            def tearDown(self) -> None:
                seen.append(("tearDown", names()))

            def test_one(self) -> None:
                make("one")

            def test_two(self) -> None:
                make("two")

        passes(It, tests=2)
        assert seen == [
            ("tearDown", ["of-class", "of-test", "one"]),
            ("cleanup", ["of-class", "of-test", "one"]),
            ("tearDown", ["of-class", "of-test", "two"]),
            ("cleanup", ["of-class", "of-test", "two"]),
            ("tearDownClass", ["of-class"]),
            ("class cleanup", ["of-class"]),
        ]

    def test_it_is_the_same_class(self) -> None:
        class It(Case):
            def test_one(self) -> None:
                """Doc."""

        assert mock_s3(It) is It
        assert mock_s3()(It) is It
        assert It.test_one.__doc__ == "Doc."

    def test_a_failing_set_up_class(self) -> None:
        seen: list[Any] = []

        @mock_s3()
        class It(Case):
            @classmethod
            def setUpClass(cls) -> None:
                cls.addClassCleanup(lambda: seen.append(names()))
                make("one")
                raise ValueError("mine")

            def test_one(self) -> None:
                raise AssertionError("never reached")

        result = run(It)
        assert result.testsRun == 0
        assert "ValueError: mine" in result.errors[0][1]
        assert seen == [["one"]]

    def test_an_interrupted_set_up_class(self) -> None:
        @mock_s3()
        class It(Case):
            @classmethod
            def setUpClass(cls) -> None:
                raise KeyboardInterrupt

            def test_one(self) -> None:
                raise AssertionError("never reached")

        with pytest.raises(KeyboardInterrupt):
            run(It)
        assert activation.current_backend() is None

    def test_failing_tests(self) -> None:
        @mock_s3
        class It(Case):
            def setUp(self) -> None:
                assert names() == []
                make("one")

            def test_error(self) -> None:
                raise ValueError("mine")

            def test_skipped(self) -> None:
                self.skipTest("mine")

            def test_good(self) -> None:
                assert names() == ["one"]

        result = run(It)
        assert (result.testsRun, len(result.errors), len(result.skipped)) == (3, 1, 1)

    def test_a_base_class(self) -> None:
        @mock_s3(region="us-east-1")
        class Base(Case):
            @classmethod
            def setUpClass(cls) -> None:
                make("of-base")

            def setUp(self) -> None:
                make("of-base-test")

            def test_base(self) -> None:
                assert "of-base" in names()

        class Derived(Base):
            @classmethod
            def setUpClass(cls) -> None:
                make("of-derived")
                super().setUpClass()

            def setUp(self) -> None:
                super().setUp()
                assert names() == ["of-base", "of-base-test", "of-derived"]

            def test_derived(self) -> None:
                make("one")

        class Silent(Base):
            @classmethod
            def setUpClass(cls) -> None:
                assert names() == []

            def run(self, result: Any = None) -> Any:
                assert names() == []
                return super().run(result)

            def test_base(self) -> None:
                assert names() == ["of-base-test"]

        @mock_s3
        class Again(Derived):
            def test_again(self) -> None:
                assert names() == ["of-base", "of-base-test", "of-derived"]

        passes(Base, Derived, Silent, Again, tests=7)

    def test_a_mixin(self) -> None:
        @mock_s3
        class Mixin:
            def test_mixed(self) -> None:
                assert names() == ["of-class"]

        class It(Mixin, Case):
            @classmethod
            def setUpClass(cls) -> None:
                super().setUpClass()  # type: ignore[misc]
                make("of-class")

        passes(It, tests=1)

    def test_own_init_subclass(self) -> None:
        words: list[Any] = []

        @mock_s3
        class Base(Case):
            def __init_subclass__(cls, *, word: str, **kwargs: Any) -> None:
                words.append(word)
                super().__init_subclass__(**kwargs)

        class It(Base, word="mine"):
            def test_one(self) -> None:
                assert names() == []

        passes(It, tests=1)
        assert words == ["mine"]

    def test_async(self) -> None:
        @mock_s3
        class It(unittest.IsolatedAsyncioTestCase):
            __test__ = False

            async def asyncSetUp(self) -> None:
                assert names() == []
                make("of-test")
                self.addAsyncCleanup(self.clean)

            async def clean(self) -> None:
                assert len(names()) == 2

            async def test_one(self) -> None:
                make("one")

            async def test_two(self) -> None:
                make("two")
                with pytest.raises(ServiceNotFaked):
                    boto3.client("iam").list_users()

        passes(It, tests=2)

    def test_a_test_by_itself(self) -> None:
        """Without a suite, setUpClass is not called."""

        @mock_s3
        class It(Case):
            def test_one(self) -> None:
                assert names() == []
                make("one")

        It("test_one").debug()
        result = It("test_one").run()
        assert result is not None
        assert result.wasSuccessful()
        It("test_one").test_one()
        assert activation.current_backend() is None

    def test_twice_and_under_another_mock(self) -> None:
        @mock_s3
        class It(Case):
            @classmethod
            def setUpClass(cls) -> None:
                make("of-class")

            def test_one(self) -> None:
                assert "of-class" in names()
                make("one")

        passes(It, tests=1)
        passes(It, tests=1)
        with mock_s3():
            make("outer")
            suite = unittest.defaultTestLoader.loadTestsFromTestCase(It)
            assert suite.run(unittest.TestResult()).wasSuccessful()
            assert names() == ["of-class", "outer"]


class TestDirectCalls:
    """A decorated class that no runner runs."""

    def test_each_call_is_covered(self) -> None:
        @mock_s3
        class Helper:
            def outer(self) -> list[str]:
                make("one")
                return self.inner()

            def inner(self) -> list[str]:
                return names()

            async def later(self) -> list[str]:
                return names()

            @classmethod
            def of_class(cls) -> bool:
                return activation.current_backend() is not None

            @property
            def prop(self) -> bool:
                return activation.current_backend() is not None

            def inside(self) -> tuple[bool, bool]:
                return self.of_class(), self.prop

            class Meta:
                def untouched(self) -> bool:
                    return activation.current_backend() is None

        helper = Helper()
        assert helper.outer() == ["one"]
        assert helper.inner() == []
        assert helper.inside() == (True, True)
        assert Helper.Meta().untouched()
        coroutine = helper.later()
        assert activation.current_backend() is None
        coroutine.close()

    def test_hooks_called_by_hand(self) -> None:
        @mock_s3
        class It:
            def setup_method(self) -> None:
                make("of-test")

            def test_one(self) -> list[str]:
                return names()

        it: Any = It()
        it.setup_method()
        assert it.test_one() == names() == ["of-test"]
        it.teardown_method()
        assert activation.current_backend() is None
        it.teardown_method()  # once too often: nothing to end


HEADER = """
import boto3
import pytest
import unittest
from fakes3part import mock_s3
from fakes3part.intercept import activation

def client():
    return boto3.client("s3", region_name="us-east-1")

def make(name):
    client().create_bucket(Bucket=name)

def names():
    return [bucket["Name"] for bucket in client().list_buckets()["Buckets"]]

def test_nothing_is_left():
    assert activation.current_backend() is None
"""

PYTEST_CLASSES = {
    "hooks": """
        @mock_s3
        class TestIt:
            @classmethod
            def setup_class(cls):
                make("of-class")

            @classmethod
            def teardown_class(cls):
                assert names() == ["of-class"]

            def setup_method(self, method):
                assert method.__name__.startswith("test_")
                assert names() == ["of-class"]
                make("of-test")

            def teardown_method(self):
                assert len(names()) == 3

            @pytest.mark.parametrize("name", ["one", "two"])
            def test_it(self, name):
                make(name)
    """,
    "old style hooks": """
        @mock_s3()
        class TestIt:
            def setup_class(cls):
                make("of-class")

            @staticmethod
            def teardown_class():
                assert names() == ["of-class"]

            def test_it(self):
                make("one")

            def test_again(self):
                assert names() == ["of-class"]
    """,
    "no hooks": """
        @mock_s3
        class TestIt:
            def test_one(self):
                assert names() == []
                make("one")

            def test_two(self):
                assert names() == []
                make("two")
    """,
    "fixtures": """
        @pytest.fixture(scope="class")
        def of_class():
            make("of-class")
            yield
            assert names() == ["of-class"]

        @mock_s3(min_part_size=1)
        class TestIt:
            @pytest.fixture(autouse=True)
            def of_test(self):
                make("of-test")
                yield
                client().delete_bucket(Bucket="of-test")

            def test_one(self, tmp_path):
                assert names()[-1] == "of-test"
                make("one")

            def test_two(self, of_class):
                assert names() == ["of-class", "of-test"]
                make("two")

            def test_three(self, of_class):
                assert names() == ["of-class", "of-test"]
    """,
    "inheritance": """
        @mock_s3
        class Base:
            @classmethod
            def setup_class(cls):
                make("of-base")

            @classmethod
            def teardown_class(cls):
                assert "of-base" in names()

            def setup_method(self):
                make("of-test")

            def test_base(self):
                assert "of-base" in names()
                make("one")

        class TestSame(Base):
            pass

        class TestMore(Base):
            @classmethod
            def setup_class(cls):
                super().setup_class()
                make("of-more")

            @classmethod
            def teardown_class(cls):
                super().teardown_class()
                assert names() == ["of-base", "of-more"]

            def setup_method(self, method):
                super().setup_method(method)

            def test_more(self):
                assert names() == ["of-base", "of-more", "of-test"]

        class TestCutOff(Base):
            @classmethod
            def setup_class(cls):
                super().setup_class()

            @classmethod
            def teardown_class(cls):
                assert names() == ["of-base"]
    """,
    "nested": """
        @mock_s3
        class TestOuter:
            def setup_class(cls):
                make("of-class")

            def teardown_class(cls):
                assert names() == ["of-class"]

            def test_outer(self):
                make("one")

            class TestInner:
                def test_inner(self):
                    assert names() == ["of-class"]
                    make("one")

                def test_more(self):
                    assert names() == ["of-class"]
    """,
    "async": """
        @pytest.mark.asyncio
        @mock_s3
        class TestIt:
            async def test_one(self):
                assert names() == []
                make("one")

            async def test_two(self):
                assert names() == []
                make("two")
    """,
    "unittest under pytest": """
        @mock_s3
        class TestIt(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                make("of-class")

            @classmethod
            def tearDownClass(cls):
                assert names() == ["of-class"]

            @pytest.fixture(autouse=True)
            def of_test(self):
                make("of-fixture")
                yield
                client().delete_bucket(Bucket="of-fixture")

            def setUp(self):
                assert names() == ["of-class", "of-fixture"]
                make("of-test")

            def test_one(self):
                make("one")

            def test_two(self):
                make("two")

            def test_sub(self):
                for name in "abc":
                    with self.subTest(name):
                        make(f"sub-{name}")
    """,
    "async unittest under pytest": """
        @mock_s3
        class TestIt(unittest.IsolatedAsyncioTestCase):
            async def asyncSetUp(self):
                make("of-test")

            async def test_one(self):
                assert names() == ["of-test"]

            async def test_two(self):
                assert names() == ["of-test"]
    """,
    "functions with fixtures": """
        @pytest.fixture
        @mock_s3
        def bucket():
            make("of-fixture")
            yield "of-fixture"

        @mock_s3
        def test_it(bucket, tmp_path):
            assert names() == [bucket]

        @pytest.mark.asyncio
        @mock_s3
        async def test_async(bucket):
            assert names() == [bucket]
    """,
}


@pytest.fixture
def inner(pytester: pytest.Pytester, programs: Programs, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "conftest_plugin,pytest_asyncio.plugin")
    pytester.makeini(
        """
        [pytest]
        addopts = -q --strict-markers -p no:cacheprovider
        filterwarnings = error
        asyncio_mode = strict
        asyncio_default_fixture_loop_scope = function
        """
    )
    return programs.fork_for(pytester)


@pytest.mark.parametrize("source", PYTEST_CLASSES.values(), ids=PYTEST_CLASSES)
def test_under_pytest(inner: pytest.Pytester, source: str) -> None:
    inner.makepyfile(f"{HEADER}\n{textwrap.dedent(source)}\ndef test_nothing_is_left_again():\n    test_nothing_is_left()\n")
    result = inner.runpytest_subprocess()
    outcomes = result.parseoutcomes()
    assert set(outcomes) <= {"passed", "subtests"}, result.stdout.str()
    assert outcomes["passed"] >= 3


def test_failing_hooks_under_pytest(inner: pytest.Pytester) -> None:
    inner.makepyfile(
        HEADER
        + textwrap.dedent("""
            @mock_s3
            class TestClass:
                @classmethod
                def setup_class(cls):
                    make("one")
                    raise ValueError("mine")

                def test_never(self):
                    pass

            @mock_s3
            class TestMethod:
                def setup_method(self):
                    raise ValueError("mine")

                def test_never(self):
                    pass

            @mock_s3
            class TestTearDown:
                def teardown_method(self):
                    raise ValueError("mine")

                def test_passes(self):
                    pass

            def test_still_nothing_left():
                test_nothing_is_left()
        """)
    )
    result = inner.runpytest_subprocess()
    result.assert_outcomes(passed=3, errors=3)
    result.stdout.no_fnmatch_line("*AssertionError*")
