"""Finds where a module uses moto: imports, names that refer to them, and the AWS services of its clients."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

import libcst as cst
from libcst.helpers import get_full_name_for_node
from libcst.metadata import BaseAssignment, PositionProvider, Scope, ScopeProvider

from .advice import SERVED
from .commands import command_words, find_command
from .requirements import REQUIREMENT

Import = cst.Import | cst.ImportFrom

_STRINGS = (
    r"moto(\.\w+)+$",  # mock.patch("moto.s3.models...")
    r".*/moto-api/(?!reset\b)",
    REQUIREMENT,
)
"""Patterns of strings that are reported."""

_NAMED = re.compile(
    r"(athena|cloudformation|cloudwatch|cognito|dynamodb|ec2|ecr|ecs|eks|elasticache|emr|firehose|glue|iam|kinesis|rds|redshift"
    r"|route53|secretsmanager|ses|sns|sqs|ssm|stepfunctions)(_.*)?"
)
"""Services whose names mean nothing else, in the names of imported modules."""


@dataclass(frozen=True, eq=False)
class Binding:
    """A local name that an import of moto, or ``name = pytest.importorskip("moto...")``, binds."""

    statement: Import | cst.Call
    alias: cst.ImportAlias | None
    """None: bound by ``importorskip``."""
    local: str
    """The name in the module: ``mock_s3``, or ``moto`` for ``import moto.server``."""
    imported: str
    """What the statement names: ``moto.mock_s3``, ``moto.server``."""
    base: str
    """What the local name means: ``moto.mock_s3``, ``moto``."""
    line: int
    scope: Scope


@dataclass(frozen=True, eq=False)
class Reference:
    """An expression that refers to something of moto's."""

    node: cst.BaseExpression
    bindings: tuple[Binding, ...]
    """More than one where a name is imported in several branches."""
    names: tuple[str, ...]
    """The qualified name in moto by each binding."""
    line: int
    scope: Scope


@dataclass
class References:
    """All uses of moto in a module."""

    bindings: list[Binding] = field(default_factory=list)
    uses: list[Reference] = field(default_factory=list)
    strings: list[tuple[int, str]] = field(default_factory=list)
    """Lines and values of the string literals that name moto, docstrings left out."""
    skips: list[tuple[cst.Call, str, int]] = field(default_factory=list)
    """Calls ``importorskip("moto...")``, with the module and the line."""
    commands: list[tuple[cst.BaseExpression, int]] = field(default_factory=list)
    """Lists, strings and calls that begin with ``moto_server``, and their lines."""
    services: dict[str, int] = field(default_factory=dict)
    """The services of clients and resources that are made here, and the first line of each."""
    variable_services: list[int] = field(default_factory=list)
    """Lines of ``boto3.client(name)``, where the service is not a literal."""
    named_services: dict[str, int] = field(default_factory=dict)
    """The services that occur in imports (``from project.sqs import Queue``), and the first line of each."""
    configured: set[str] = field(default_factory=set)
    """The services with a section in a ``config={"core": {}, "lambda": {}}``."""
    called: set[cst.BaseExpression] = field(default_factory=set)
    """The functions of calls, and decorators."""


@cache
def aws_services() -> frozenset[str]:
    """Return the names of all services that botocore knows."""
    import botocore.session

    return frozenset(botocore.session.get_session().get_available_services())


def dotted(node: cst.CSTNode) -> str | None:
    """Return the text of ``a.b.c``; None for any other expression."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        value = dotted(node.value)
        return f"{value}.{node.attr.value}" if value else None
    return None


def literal(node: cst.CSTNode) -> str | None:
    """Return the value of a string literal; None for anything else."""
    if isinstance(node, cst.SimpleString | cst.ConcatenatedString):
        value = node.evaluated_value
        return value if isinstance(value, str) else None
    return None


def find_references(wrapper: cst.MetadataWrapper) -> References:
    """Return all uses of moto in a module."""
    bindings = _BindingVisitor()
    wrapper.visit(bindings)
    uses = _UseVisitor(bindings.found, {binding.statement for binding in bindings.found.bindings})
    wrapper.visit(uses)
    return uses.found


class _BindingVisitor(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider, ScopeProvider)

    def __init__(self) -> None:
        super().__init__()
        self.found = References()

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        module = get_full_name_for_node(node.module) if node.module and not node.relative else None
        if module and _is_moto(module) and not isinstance(node.names, cst.ImportStar):
            for alias in node.names:
                name = f"{module}.{dotted(alias.name)}"
                self._bind(node, alias, alias.evaluated_alias or alias.evaluated_name, name, name)
        return False

    def visit_Import(self, node: cst.Import) -> bool:
        for alias in node.names:
            name = alias.evaluated_name
            if _is_moto(name):
                base = name if alias.asname else "moto"
                self._bind(node, alias, alias.evaluated_alias or "moto", name, base)
        return False

    def visit_Assign(self, node: cst.Assign) -> None:
        value = node.value
        target = node.targets[0].target
        if isinstance(value, cst.Call) and isinstance(target, cst.Name) and len(node.targets) == 1:
            module = _skipped_module(value)
            if module:
                self._bind(value, None, target.value, module, module)

    def _bind(self, statement: Import | cst.Call, alias: cst.ImportAlias | None, local: str, imported: str, base: str) -> None:
        scope = self.get_metadata(ScopeProvider, statement)
        if scope is not None:
            line = self.get_metadata(PositionProvider, alias or statement).start.line
            self.found.bindings.append(Binding(statement, alias, local, imported, base, line, scope))


class _UseVisitor(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider, ScopeProvider)

    def __init__(self, found: References, statements: set[cst.CSTNode]) -> None:
        super().__init__()
        self.found = found
        self._by_local: dict[str, list[Binding]] = {}
        for binding in found.bindings:
            self._by_local.setdefault(binding.local, []).append(binding)

    def visit_Import(self, node: cst.Import) -> bool:
        return False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        if isinstance(node.names, cst.ImportStar) and node.module and not node.relative:
            module = get_full_name_for_node(node.module)
            if module and _is_moto(module):
                self.found.strings.append((self._line(node), f"{module}.*"))
        for part in (get_full_name_for_node(node.module) or "").split(".") if node.module else []:
            match = _NAMED.fullmatch(part)
            if match:
                self.found.named_services.setdefault(match[1], self._line(node))
        return False

    def visit_Decorator(self, node: cst.Decorator) -> None:
        self.found.called.add(node.decorator)

    def visit_AssignTarget(self, node: cst.AssignTarget) -> bool:
        return not isinstance(node.target, cst.Name)

    def visit_Param(self, node: cst.Param) -> bool:
        for part in (node.annotation, node.default):
            if part is not None:
                part.visit(self)
        return False

    def visit_Arg(self, node: cst.Arg) -> bool:
        node.value.visit(self)
        return False

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        name = dotted(node)
        if name and self._refer(node, name):
            return False
        node.value.visit(self)
        return False

    def visit_Name(self, node: cst.Name) -> None:
        self._refer(node, node.value)

    def _refer(self, node: cst.Name | cst.Attribute, name: str) -> bool:
        """Record a reference to moto; an attribute of one of moto's mocks is left to the visit of the mock itself."""
        root, _, rest = name.partition(".")
        scope = self.get_metadata(ScopeProvider, node, None) if root in self._by_local else None
        bindings = self._reachable(scope, root) if scope is not None else ()
        if scope is None or not bindings:
            return False
        names = tuple(f"{binding.base}.{rest}" if rest else binding.base for binding in bindings)
        if any(re.search(r"\.mock_\w+\.", name) for name in names):
            return False
        self.found.uses.append(Reference(node, bindings, names, self._line(node), scope))
        return True

    def _reachable(self, scope: Scope, root: str) -> tuple[Binding, ...]:
        scopes = {assignment.scope for assignment in scope[root]}
        return tuple(binding for binding in self._by_local[root] if binding.scope in scopes)

    def visit_Expr(self, node: cst.Expr) -> bool:
        return literal(node.value) is None  # a docstring

    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        value = literal(node)
        if value is None:
            return
        if value != "moto" and any(re.match(pattern, value) for pattern in _STRINGS):
            self.found.strings.append((self._line(node), value))
        elif find_command(value.split()) is not None and value.split()[-1] not in ("moto_server", "moto.server"):
            self.found.commands.append((node, self._line(node)))

    def visit_FormattedString(self, node: cst.FormattedString) -> None:
        if find_command(command_words(node)) is not None:
            self.found.commands.append((node, self._line(node)))

    def visit_List(self, node: cst.List) -> bool:
        return self._visit_command(node)

    def visit_Tuple(self, node: cst.Tuple) -> bool:
        return self._visit_command(node)

    def _visit_command(self, node: cst.List | cst.Tuple) -> bool:
        words = command_words(node)
        if len(words) > 1 and find_command(words) is not None:
            self.found.commands.append((node, self._line(node)))
            return False
        return True

    def visit_Call(self, node: cst.Call) -> bool:
        self.found.called.add(node.func)
        function = node.func.attr.value if isinstance(node.func, cst.Attribute) else dotted(node.func)
        module = _skipped_module(node)
        if module:
            self.found.skips.append((node, module, self._line(node)))
            return False
        for argument in node.args:
            if argument.keyword and argument.keyword.value == "config" and isinstance(argument.value, cst.Dict):
                keys = [literal(element.key) for element in argument.value.elements if isinstance(element, cst.DictElement)]
                self.found.configured.update(key for key in keys if key and "core" in keys and key != "core")
        if function in ("import_module", "find_spec", "__import__") and node.args and literal(node.args[0].value) == "moto":
            self.found.strings.append((self._line(node), "moto"))
        if function in ("client", "resource", "create_client"):
            self._client(node)
        elif function in ("which", "Popen") and node.args and literal(node.args[0].value) == "moto_server":
            self.found.commands.append((node, self._line(node)))
        return True

    def _client(self, node: cst.Call) -> None:
        for index, argument in enumerate(node.args):
            keyword = argument.keyword.value if argument.keyword else None
            if keyword == "service_name" or (index == 0 and keyword is None and not argument.star):
                service = literal(argument.value)
                if service in aws_services():
                    self.found.services.setdefault(str(service), self._line(node))
                elif service is None and dotted(node.func) in ("boto3.client", "boto3.resource"):
                    self.found.variable_services.append(self._line(node))

    def _line(self, node: cst.CSTNode) -> int:
        return int(self.get_metadata(PositionProvider, node).start.line)


def other_services(services: dict[str, int]) -> dict[str, int]:
    """Return the services, with their lines, that a fake does not serve itself."""
    return {service: line for service, line in services.items() if service not in SERVED}


def assigned_by_others(scope: Scope, name: str, statements: set[cst.CSTNode]) -> bool:
    """Return whether a name means, in a scope, anything else than what these import statements bind."""
    return any(_statement(assignment) not in statements for assignment in scope[name])


def _statement(assignment: BaseAssignment) -> cst.CSTNode | None:
    return getattr(assignment, "node", None)


def _is_moto(module: str) -> bool:
    return module == "moto" or module.startswith("moto.")


def _skipped_module(call: cst.Call) -> str | None:
    name = call.func.attr.value if isinstance(call.func, cst.Attribute) else dotted(call.func)
    module = literal(call.args[0].value) if name == "importorskip" and call.args else None
    return module if module and _is_moto(module) else None
