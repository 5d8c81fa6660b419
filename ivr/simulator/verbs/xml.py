"""XML text to elements that know where they stand; entities and document types are refused."""

from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from ivr.simulator.verbs.problem import Problem

PARSE_FAILURE = 12100
MAX_DEPTH = 100


@dataclass(slots=True)
class Element:
    """An XML element; children are elements and text in document order; line and column count from 1."""

    name: str
    attributes: dict[str, str]
    line: int
    column: int
    children: list["Element | str"] = field(default_factory=list["Element | str"])

    @property
    def elements(self) -> list["Element"]:
        """The children that are elements."""
        return [c for c in self.children if isinstance(c, Element)]

    @property
    def text(self) -> str:
        """The text directly inside, white space at the ends removed."""
        return "".join(c for c in self.children if isinstance(c, str)).strip()


class XmlError(Exception):
    """Raised for text that is not acceptable XML; `problem` says where and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def parse_xml(body: bytes, charset: str | None = None) -> Element:
    """Parse a document to its root element.

    charset: from the Content-Type header; left out, the XML declaration decides, else UTF-8.
    Raises: XmlError with code 12100. Source: https://www.twilio.com/docs/api/errors/12100
    """
    builder = _Builder(charset)
    try:
        builder.parser.Parse(body, True)
    except expat.ExpatError as error:
        raise XmlError(
            Problem(PARSE_FAILURE, expat.ErrorString(error.code), error.lineno, error.offset + 1, fatal=True)
        ) from None
    except (LookupError, ValueError) as error:
        raise XmlError(Problem(PARSE_FAILURE, f"encoding: {error}", 1, 1, fatal=True)) from None
    return builder.root.elements[0]


class _Builder:
    def __init__(self, charset: str | None) -> None:
        self.parser = expat.ParserCreate(charset)
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.root = Element("", {}, 1, 1)
        self._open = [self.root]

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) > MAX_DEPTH:
            self._refuse(f"elements nested more than {MAX_DEPTH} deep")
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        element = Element(name, attributes, line, column)
        self._open[-1].children.append(element)
        self._open.append(element)

    def _end(self, _name: str) -> None:
        self._open.pop()

    def _text(self, data: str) -> None:
        self._open[-1].children.append(data)

    def _doctype(self, *_declaration: object) -> None:
        # No document type means no entities, so no entity bombs and no files of ours read into a document.
        self._refuse("a document type declaration is not allowed in TwiML")

    def _refuse(self, message: str) -> NoReturn:
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        raise XmlError(Problem(PARSE_FAILURE, message, line, column, fatal=True))
