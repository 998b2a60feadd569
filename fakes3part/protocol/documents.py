"""XML: escaping, error documents, and the reader of request documents.

The reader is compiled from a shape and driven by expat: 1,000 keys of DeleteObjects take 2 ms; building a tree first (xmltodict)
takes 6. Unknown and missing elements and invalid numbers raise MalformedXML while it reads. A DOCTYPE does too, so that entities
never expand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate

from ..errors import S3Error
from .document_schemas import ANY_ROOT, BY_SCHEMA, EMPTY_ELEMENTS, ENUMS, EXACT, IGNORED_ELEMENTS, MALFORMED, OPTIONAL, REQUIRED
from .parameters import LIMITS, parse_integer
from .shapes import Shape, element_name
from .timestamps import parse_http_date, parse_iso_date

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"

Reader = Callable[[bytes], dict[str, Any]]

_WORTH_SPLITTING = 4096
"""Bytes of a document from which on `_Rows` pays."""

# --- writing ---------------------------------------------------------------------------------------------------------

_INVALID_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")


def escape_markup(text: str) -> str:
    """Escape text without control characters; `escape` handles any text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def escape(text: str) -> str:
    """Escape text for an element or an attribute, as S3 does.

    Control characters, which XML 1.0 excludes, become references all the same (``&#x1;``), as in S3's responses, although XML
    parsers reject them. A carriage return is ``&#13;``, or parsers would turn it into a line feed.
    """
    text = escape_markup(text)
    if text.isprintable():
        return text
    return _INVALID_IN_XML.sub(lambda match: f"&#x{ord(match[0]):x};", text.replace("\r", "&#13;"))


def encode(document: str) -> bytes:
    """Encode as UTF-8. A lone surrogate (from bytes of a request that were not UTF-8) becomes a reference, not an error."""
    return document.encode("utf-8", "xmlcharrefreplace")


_WITHOUT_DECLARATION = frozenset(
    {
        *(f"{verb}BucketMetadata{version}Configuration" for verb in ("Create", "Delete", "Get") for version in ("", "Table")),
        *(f"UpdateBucketMetadata{table}TableConfiguration" for table in ("Annotation", "Inventory", "Journal")),
        "DeleteBucketIntelligentTieringConfiguration",
        "DeleteBucketInventoryConfiguration",
        "DeleteBucketLifecycle",
        "GetBucketIntelligentTieringConfiguration",
        "GetBucketInventoryConfiguration",
        "GetBucketLifecycle",
        "GetBucketLifecycleConfiguration",
        "GetObjectAttributes",
        "ListBucketIntelligentTieringConfigurations",
        "ListBucketInventoryConfigurations",
        "PutBucketIntelligentTieringConfiguration",
        "PutBucketInventoryConfiguration",
        "PutBucketLifecycle",
        "PutBucketLifecycleConfiguration",
    }
)
"""Operations whose errors S3 writes without the XML declaration (recorded from AWS, September 2026)."""


def error_document(
    code: str, message: str, extras: Mapping[str, object], request_id: str, host_id: str, *, operation: str | None = None
) -> bytes:
    """Return an error document: Code, Message, the extras in order, the ids. None and '' become empty elements.

    ``operation``: the operation that was refused, whose documents may lack the declaration; None: it is not known.
    """
    fields = [("Code", code), ("Message", message), *extras.items(), ("RequestId", request_id), ("HostId", host_id)]
    body = "".join(
        f"<{name}/>" if value is None or value == "" else f"<{name}>{escape(str(value))}</{name}>" for name, value in fields
    )
    declaration = "" if operation in _WITHOUT_DECLARATION else DECLARATION
    return encode(f"{declaration}<Error>{body}</Error>")


# --- reading ---------------------------------------------------------------------------------------------------------


def malformed() -> S3Error:
    """Return MalformedXML."""
    return S3Error("MalformedXML")


def _boolean(text: str) -> bool:
    value = {"true": True, "1": True, "false": False, "0": False}.get(text.strip().lower())
    if value is None:
        raise malformed()
    return value


def _exact_boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise malformed()
    return text == "true"


def _schema_boolean(text: str) -> bool:
    if text != text.lower():
        raise malformed()
    return _boolean(text)


def _one_of(values: tuple[str, ...]) -> Callable[[str], str]:
    def convert(text: str) -> str:
        if text not in values:
            raise malformed()
        return text

    return convert


def _integer(kind: str) -> Callable[[str], int]:
    def convert(text: str) -> int:
        number = parse_integer(text.strip(), kind)
        if number is None:
            raise malformed()
        return number

    return convert


def _timestamp(shape: Shape) -> Callable[[str], Any]:
    first, second = parse_iso_date, parse_http_date
    if shape.date_format == "rfc822":
        first, second = second, first

    def convert(text: str) -> Any:
        date = first(text) or second(text)
        if date is None:
            raise malformed()
        return date

    return convert


def _leaf(shape: Shape, document: str) -> Callable[[str], Any]:
    if shape.type == "string":
        return _one_of(shape.enum) if shape.enum and document in ENUMS else str
    if shape.type == "boolean":
        return _exact_boolean if shape.name in EXACT else _schema_boolean if shape.name in BY_SCHEMA else _boolean
    if shape.type == "timestamp":
        return _timestamp(shape)
    assert shape.type in LIMITS, f"S3's request documents have no {shape.type}: {shape}"
    return _integer(shape.type)


class _Element:
    """What an element may contain, and where its value goes."""

    __slots__ = ("any_child", "attributes", "children", "convert", "is_list", "name", "repeated", "required")

    def __init__(self, name: str, repeated: bool = False) -> None:
        self.name = name
        """The member of the parent's params; unused within a list."""
        self.repeated = repeated
        """Whether this is the item of a flattened list, of which there may be any number."""
        self.is_list = False
        self.convert: Callable[[str], Any] | None = None
        """The converter of an element that contains text; None for one that contains elements."""
        self.children: dict[str, _Element] = {}
        self.any_child: _Element | None = None
        """What a child of any other tag is; None: there may be none."""
        self.attributes: dict[str, str] = {}
        """Local name of an attribute -> member."""
        self.required: tuple[str, ...] = ()

    def child(self, tag: str) -> _Element:
        """Return the child element of a tag with a namespace prefix.

        Raises:
            S3Error: MalformedXML if there is no such child.
        """
        element = self.children.get(tag.rpartition(":")[2], self.any_child)
        if element is None:
            raise malformed()
        return element


def _element(name: str, shape: Shape, document: str) -> _Element:
    """Return the element of a shape in a document, which is named by the shape of its root."""
    if shape.type == "list" and shape.flattened:
        element = _element(name, shape.item, document)
        element.repeated = True
        return element
    element = _Element(name)
    if shape.type == "list":
        element.is_list = True
        element.children[shape.item.wire_name or "member"] = _element("", shape.item, document)
    elif shape.type == "structure":
        _fill(element, shape, document)
    else:
        element.convert = _leaf(shape, document)
    return element


def _fill(element: _Element, shape: Shape, document: str) -> None:
    located = set()
    for name, member in shape.members():
        if member.location is not None:
            located.add(name)
        elif member.attribute:
            element.attributes[(member.wire_name or name).rpartition(":")[2]] = name
        else:
            tag = element_name(name, member)
            if tag not in element.children or not element.children[tag].repeated:
                # Deprecated shapes have ``Event`` both as a text and as a list: the list accepts either.
                element.children[tag] = _element(name, member, document)
    if shape.name in EMPTY_ELEMENTS:
        tag, name = EMPTY_ELEMENTS[shape.name]
        element.children[tag] = _Element(name)
    if shape.name in IGNORED_ELEMENTS:
        tag = IGNORED_ELEMENTS[shape.name]
        element.children[tag] = _Element(tag)
        element.children[tag].convert = str
    element.required = tuple(
        {*shape.required, *REQUIRED.get(shape.name, ())} - located - {*OPTIONAL.get((document, shape.name), ())}
    )


def _take_attributes(element: _Element, value: dict[str, Any], attributes: Mapping[str, str]) -> None:
    for name, text in attributes.items():
        prefix, colon, local = name.rpartition(":")
        if colon and prefix != "xmlns" and local in element.attributes:
            value[element.attributes[local]] = text


class _Reading:
    """The state of reading a document: the current element, and the params so far. Its methods are expat's handlers."""

    __slots__ = ("element", "params", "stack", "target", "text")

    def __init__(self, outermost: _Element) -> None:
        self.element = outermost
        self.params: dict[str, Any] = {}
        self.target: Any = self.params
        self.stack: list[tuple[_Element, Any]] = []
        self.text: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self.text:
            self._require_whitespace()
        parent = self.element
        element = parent.children.get(tag) or parent.child(tag)
        self.stack.append((parent, self.target))
        self.element = element
        if element.convert is None:
            value: Any = [] if element.is_list else {}
            if attributes and element.attributes:
                _take_attributes(element, value, attributes)
            self._attach(parent, element, value)
            self.target = value

    def end(self, _tag: str) -> None:
        element = self.element
        if element.convert is not None:
            value = element.convert("".join(self.text))
            self.text.clear()
            self.element, self.target = self.stack.pop()
            self._attach(self.element, element, value)
            return
        if self.text:
            self._require_whitespace()
        for name in element.required:
            if name not in self.target:
                raise malformed()
        self.element, self.target = self.stack.pop()

    def _attach(self, parent: _Element, element: _Element, value: Any) -> None:
        target = self.target
        if element.repeated:
            target.setdefault(element.name, []).append(value)
        elif parent.is_list:
            target.append(value)
        elif element.name in target:
            raise malformed()
        else:
            target[element.name] = value

    def _require_whitespace(self) -> None:
        if not "".join(self.text).isspace():
            raise malformed()
        self.text.clear()


def _refuse_doctype(*_: object) -> None:
    raise malformed()


class _Rows:
    """Splits the items of a list with one text each (``<Object><Key>...</Key></Object>``) out of a document.

    The rest, with one empty row in their place, is read like any document. For 1,000 keys: 0.2 ms instead of 1.6.
    """

    def __init__(self, shape: Shape) -> None:
        self.member, self.leaf, self.start, self.end = next(self._candidates(shape), ("", "", "", ""))

    @staticmethod
    def _candidates(shape: Shape) -> Iterator[tuple[str, str, str, str]]:
        for name, member in shape.members():
            if member.type == "list" and member.flattened and member.item.type == "structure":
                for leaf in member.item.required:
                    if member.item.member(leaf).type == "string" and len(member.item.required) == 1:
                        tag, inner = element_name(name, member), element_name(leaf, member.item.member(leaf))
                        yield name, leaf, f"<{tag}><{inner}>", f"</{inner}></{tag}>"

    def split(self, document: bytes) -> tuple[bytes, list[dict[str, str]]] | None:
        """Return the document with one empty row, and the rows; None if there are few, or any with more than plain text."""
        if not self.member or len(document) < _WORTH_SPLITTING:
            return None
        text = document.decode("utf-8", "surrogateescape")
        first, last = text.find(self.start), text.rfind(self.end)
        inside = text[first + len(self.start) : last]
        if not 0 <= first < last or "&" in inside or "]]>" in inside or not inside.isprintable():
            return None
        texts = inside.split(self.end + self.start)
        if "<" in "".join(texts):
            return None
        rest = f"{text[:first]}{self.start}{self.end}{text[last + len(self.end) :]}"
        return rest.encode("utf-8", "surrogateescape"), [{self.leaf: text} for text in texts]


def compile_reader(root: str, shape: Shape) -> Reader:
    """Return a function that reads documents of one shape under one root: bytes -> params.

    The function raises MalformedXML, or the error in `MALFORMED`.
    """
    read = _compile(root, shape)
    rows = _Rows(shape)

    def read_with_rows(document: bytes) -> dict[str, Any]:
        split = rows.split(document)
        if split is None:
            return read(document)
        value = read(split[0])
        if len(value.get(rows.member, ())) != 1:  # they were in a comment, or there are other rows
            return read(document)
        value[rows.member] = split[1]
        return value

    return read_with_rows if rows.member else read


def _compile(root: str, shape: Shape) -> Reader:
    outermost = _Element("")
    outermost.children[root] = _element(root, shape, shape.name)
    if shape.name in ANY_ROOT:
        outermost.any_child = outermost.children[root]
    code = MALFORMED.get(shape.name, "MalformedXML")

    def read(document: bytes) -> dict[str, Any]:
        reading = _Reading(outermost)
        # UTF-8 (or UTF-16 by its mark) whatever the declaration says: no client needs other encodings, and attacks do.
        parser = ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = reading.start
        parser.EndElementHandler = reading.end
        parser.CharacterDataHandler = reading.text.append
        parser.StartDoctypeDeclHandler = _refuse_doctype
        try:
            parser.Parse(document, True)
        except (ExpatError, S3Error):
            raise S3Error(code) from None
        value: dict[str, Any] = reading.params[root]
        return value

    return read
