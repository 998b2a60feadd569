"""Carries out a plan on the syntax tree of a module."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import libcst as cst

from .commands import rewrite_command
from .plan import NEW, Plan

_Small = cst.BaseSmallStatement
_Result = cst.BaseSmallStatement | cst.FlattenSentinel[cst.BaseSmallStatement] | cst.RemovalSentinel
_EMPTY = cst.Module([])


class Rewriter(cst.CSTTransformer):
    """Makes the changes of one plan."""

    def __init__(self, plan: Plan, quote: str) -> None:
        super().__init__()
        self._plan = plan
        self._keyword = cst.ensure_type(cst.parse_expression(f"f(others={quote}moto{quote})"), cst.Call).args[0]
        self._quote = quote
        self._blocks: list[set[tuple[str, str, str | None]]] = [set()]
        self._comments: list[str] = []
        """Comments of names that have left an import, kept above it."""
        self._may_drop = False
        """Whether the line may be removed if what it imports has been imported: it has no comments."""
        self._floating: set[str] = set()
        """The assignments in place of imports at the top level, as text."""

    # Imports

    def visit_IndentedBlock(self, node: cst.IndentedBlock) -> None:
        self._blocks.append(set())

    def leave_IndentedBlock(self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock) -> cst.BaseSuite:
        self._blocks.pop()
        return updated_node

    def leave_ImportFrom(self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom) -> _Result:
        if isinstance(original_node.names, cst.ImportStar):
            return updated_node
        plan, names = self._plan, list(original_node.names)
        moved = [name for name in names if name in plan.moved_aliases]
        modules = [name for name in names if name in plan.replaced_modules or name in plan.added_modules]
        constants = [name for name in names if name in plan.constants]
        kept = [name for name in names if not (name in moved or name in constants or name in plan.replaced_modules)]
        if not moved and not modules and not constants:
            return updated_node
        statements: list[_Small] = []
        if moved and len(moved) == len(names):
            statements = self._converted(original_node, moved)
        else:
            new = self._new([plan.moved_aliases[name] for name in moved])
            statements += [_import_from(new)] if new else []
            statements += self._import_module() if modules else []
            self._note_comments(name for name in names if name not in kept)
            if kept:
                statements.append(original_node.with_changes(names=self._end(kept, original_node)))
            statements += [self._assignment(*plan.constants[name]) for name in constants]
        return _flatten(statements, original_node)

    def _converted(self, node: cst.ImportFrom, names: Sequence[cst.ImportAlias]) -> list[_Small]:
        """Return the same import, in the same form, from fakes3part; nothing if its names are imported already."""
        kept: list[cst.ImportAlias] = []
        for name in names:
            target, alias = self._plan.moved_aliases[name]
            is_last_chance = name is names[-1] and not kept and not self._may_drop
            if self._new([(target, alias)]) or is_last_chance:
                asname = None if alias is None else _as(alias, name.asname)
                kept.append(name.with_changes(name=cst.Name(target), asname=asname))
            else:
                self._note_comments([name])
        if not kept:
            return []
        return [node.with_changes(module=cst.Name(NEW), names=self._end(kept, node))]

    def _assignment(self, name: str, value: str) -> _Small:
        text = f"{name} = {self._quote}{value}{self._quote}"
        if len(self._blocks) == 1 and self._may_drop:
            self._floating.add(text)
        return cst.ensure_type(cst.parse_statement(text), cst.SimpleStatementLine).body[0]

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:
        """Move the assignments that stand in place of imports below the imports that follow them."""
        body = list(updated_node.body)
        for start in reversed(range(len(body))):
            if not self._floating or not _is_line(body[start], self._floating):
                continue
            end = start
            while end + 1 < len(body) and _is_import(body[end + 1]):
                end += 1
            line = cst.ensure_type(body.pop(start), cst.SimpleStatementLine)
            if end > start:
                following = cst.ensure_type(body[start], cst.SimpleStatementLine)
                body[start] = following.with_changes(leading_lines=following.leading_lines or line.leading_lines)
                line = line.with_changes(leading_lines=())
            is_next = end < len(body) and _is_line(body[end], self._floating)
            if end and not line.leading_lines:
                line = line.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
            if is_next:
                body[end] = body[end].with_changes(leading_lines=())
            body.insert(end, line)
        return updated_node.with_changes(body=body)

    def _new(self, names: Iterable[tuple[str, str | None]]) -> list[tuple[str, str | None]]:
        """Return the names that this block has not imported yet."""
        new = []
        for name, alias in names:
            if (NEW, name, alias) not in self._blocks[-1]:
                self._blocks[-1].add((NEW, name, alias))
                new.append((name, alias))
        return new

    def _import_module(self) -> list[_Small]:
        if ("", NEW, None) in self._blocks[-1] and self._may_drop:
            return []
        self._blocks[-1].add(("", NEW, None))
        return [cst.Import([cst.ImportAlias(cst.Name(NEW))])]

    def leave_Import(self, original_node: cst.Import, updated_node: cst.Import) -> _Result:
        plan, names = self._plan, list(original_node.names)
        if not any(name in plan.replaced_modules or name in plan.added_modules for name in names):
            return updated_node
        statements = self._import_module()
        kept = [name for name in names if name not in plan.replaced_modules]
        if kept:
            last = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
            statements.append(original_node.with_changes(names=[*kept[:-1], last]))
        return _flatten(statements, original_node)

    def _end(self, names: Sequence[cst.ImportAlias], original: cst.ImportFrom) -> list[cst.ImportAlias]:
        """Return the remaining names of an import, the last with the comma that the last of all had."""
        assert not isinstance(original.names, cst.ImportStar)
        last, end = names[-1].comma, original.names[-1].comma
        if last is end:
            return list(names)
        if isinstance(last, cst.Comma) and isinstance(last.whitespace_after, cst.ParenthesizedWhitespace):
            if isinstance(end, cst.Comma) and isinstance(end.whitespace_after, cst.ParenthesizedWhitespace):
                space = end.whitespace_after.with_changes(first_line=last.whitespace_after.first_line)
                end = end.with_changes(whitespace_after=space)
            else:
                self._comments += _comments(last)
        return [*names[:-1], names[-1].with_changes(comma=end)]

    def _note_comments(self, names: Iterable[cst.ImportAlias]) -> None:
        for name in names:
            self._comments += _comments(name)

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> None:
        self._may_drop = "#" not in _EMPTY.code_for_node(node)

    def visit_SimpleStatementSuite(self, node: cst.SimpleStatementSuite) -> None:
        self._may_drop = False

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement] | cst.RemovalSentinel:
        if not updated_node.body:
            return cst.RemoveFromParent()
        comments = [cst.EmptyLine(comment=cst.Comment(text)) for text in self._comments]
        self._comments = []
        line = updated_node.with_changes(leading_lines=[*updated_node.leading_lines, *comments])
        if len(original_node.body) == 1 < len(line.body):
            return cst.FlattenSentinel(_split(line))
        return line

    # References

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        return self._expression(original_node, updated_node)

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.BaseExpression:
        return self._expression(original_node, updated_node)

    def _expression(self, original: cst.Name | cst.Attribute, updated: cst.Name | cst.Attribute) -> cst.BaseExpression:
        text = self._plan.expressions.get(original)
        if text is None:
            return updated
        return cst.parse_expression(text).with_changes(lpar=original.lpar, rpar=original.rpar)

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        if original_node in self._plan.skips:
            first = original_node.args[0]
            quote = first.value.quote if isinstance(first.value, cst.SimpleString) else self._quote
            name = first.with_changes(value=cst.SimpleString(f"{quote}{NEW}{quote}"), comma=cst.MaybeSentinel.DEFAULT)
            return updated_node.with_changes(args=[name])
        if original_node.func not in self._plan.mocks or not self._plan.others:
            return updated_node
        arguments = list(updated_node.args)
        if any(not argument.keyword and not argument.star for argument in arguments):  # a function, decorated by a call
            mock = cst.Call(updated_node.func, [self._keyword])
            return updated_node.with_changes(func=mock)
        if arguments:
            comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
            last = arguments[-1]
            if isinstance(last.comma, cst.Comma):
                space = original_node.whitespace_before_args
                if _EMPTY.code_for_node(space).isspace():
                    comma = cst.Comma(whitespace_after=space)
                arguments[-1:] = [last.with_changes(comma=comma), self._keyword.with_changes(comma=last.comma)]
            else:
                arguments[-1:] = [last.with_changes(comma=comma), self._keyword]
        return updated_node.with_changes(args=arguments or [self._keyword])

    # Decorators and with statements

    def leave_Decorator(self, original_node: cst.Decorator, updated_node: cst.Decorator) -> cst.Decorator:
        if original_node.decorator in self._plan.mocks and self._plan.others:
            return updated_node.with_changes(decorator=cst.Call(updated_node.decorator, [self._keyword]))
        return updated_node

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        return updated_node.with_changes(**self._without_repetitions(original_node, updated_node))

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        return updated_node.with_changes(**self._without_repetitions(original_node, updated_node))

    def _without_repetitions(
        self, original: cst.FunctionDef | cst.ClassDef, updated: cst.FunctionDef | cst.ClassDef
    ) -> Mapping[str, Sequence[cst.CSTNode]]:
        """Keep one of several mocks of single services, which are the same mock now."""
        kept: list[cst.Decorator] = []
        comments: list[cst.EmptyLine] = []
        seen = False
        for before, after in zip(original.decorators, updated.decorators, strict=True):
            service = self._mock_without_arguments(before.decorator)
            if service is not None and seen and service != "aws" and before.trailing_whitespace.comment is None:
                comments += [line for line in before.leading_lines if line.comment]
                continue
            seen = seen or service is not None
            kept.append(after.with_changes(leading_lines=[*comments, *after.leading_lines]) if comments else after)
            comments = []
        return {"decorators": kept, "lines_after_decorators": [*comments, *updated.lines_after_decorators]}

    def leave_With(self, original_node: cst.With, updated_node: cst.With) -> cst.With:
        kept: list[cst.WithItem] = []
        seen = False
        for before, after in zip(original_node.items, updated_node.items, strict=True):
            service = self._mock_without_arguments(before.item)
            if service is not None and seen and service != "aws" and before.asname is None:
                continue
            seen = seen or service is not None
            kept.append(after)
        if len(kept) < len(original_node.items):
            kept[-1] = kept[-1].with_changes(comma=original_node.items[-1].comma)
        return updated_node.with_changes(items=kept)

    def _mock_without_arguments(self, node: cst.BaseExpression) -> str | None:
        """Return the service of ``mock_s3`` or ``mock_s3()``; None: it is neither."""
        if isinstance(node, cst.Call):
            return None if node.args else self._plan.mocks.get(node.func)
        return self._plan.mocks.get(node)

    # Command lines

    def leave_List(self, original_node: cst.List, updated_node: cst.List) -> cst.BaseExpression:
        return self._command(original_node, updated_node)

    def leave_Tuple(self, original_node: cst.Tuple, updated_node: cst.Tuple) -> cst.BaseExpression:
        return self._command(original_node, updated_node)

    def leave_SimpleString(self, original_node: cst.SimpleString, updated_node: cst.SimpleString) -> cst.BaseExpression:
        return self._command(original_node, updated_node)

    def leave_FormattedString(self, original_node: cst.FormattedString, updated_node: cst.FormattedString) -> cst.BaseExpression:
        return self._command(original_node, updated_node)

    def _command(self, original: cst.BaseExpression, updated: cst.BaseExpression) -> cst.BaseExpression:
        return rewrite_command(updated) if original in self._plan.commands else updated


def _comments(node: cst.CSTNode) -> list[str]:
    return re.findall(r"#.*", _EMPTY.code_for_node(node))


def _is_line(node: cst.CSTNode, texts: set[str]) -> bool:
    return isinstance(node, cst.SimpleStatementLine) and _EMPTY.code_for_node(node).strip() in texts


def _is_import(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.SimpleStatementLine) and all(isinstance(part, cst.Import | cst.ImportFrom) for part in node.body)


def _import_from(names: Sequence[tuple[str, str | None]]) -> _Small:
    aliases = [cst.ImportAlias(cst.Name(name), None if alias is None else _as(alias, None)) for name, alias in names]
    return cst.ImportFrom(cst.Name(NEW), aliases)


def _as(alias: str, original: cst.AsName | None) -> cst.AsName:
    return original or cst.AsName(cst.Name(alias))


def _flatten(statements: Sequence[_Small], original: _Small) -> _Result:
    """Return the statements in the place of one; what follows its semicolon follows the last of them."""
    if not statements:
        return cst.RemoveFromParent()
    last = statements[-1].with_changes(semicolon=original.semicolon)
    return cst.FlattenSentinel([*(one.with_changes(semicolon=cst.MaybeSentinel.DEFAULT) for one in statements[:-1]), last])


def _split(line: cst.SimpleStatementLine) -> list[cst.SimpleStatementLine]:
    """Return the statements of a line on lines of their own. The first keeps the comments; one for tools goes to all."""
    comment = line.trailing_whitespace.comment
    for_tools = comment is not None and re.search(r"noqa|type:|isort|pylint|pyright", comment.value)
    rest = line.trailing_whitespace if for_tools else cst.TrailingWhitespace()
    statements = [one.with_changes(semicolon=cst.MaybeSentinel.DEFAULT) for one in line.body]
    first = line.with_changes(body=statements[:1])
    return [first, *(cst.SimpleStatementLine([one], trailing_whitespace=rest) for one in statements[1:])]
