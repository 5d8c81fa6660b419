"""Reads the attributes of one element strictly: every bad value is a problem and leaves the default in force."""

import re
from collections.abc import Collection

from ivr.simulator.verbs.problem import Problem
from ivr.simulator.verbs.xml import Element

SCHEMA = 12200
_WEB = re.compile(r"https?://|[^:/?#]*[/?#]")


class Attributes:
    """The attributes of an element; `problems` collects what is wrong with them."""

    def __init__(self, element: Element, problems: list[Problem]) -> None:
        self._element = element
        self._problems = problems
        self._known: set[str] = set()

    def text(self, name: str, default: str | None = None) -> str | None:
        """Return any text, or the default when the attribute is absent."""
        self._known.add(name)
        return self._element.attributes.get(name, default)

    def words(self, name: str, default: str = "") -> str:
        """Return any text; absent reads as the default."""
        return self.text(name) or default

    def whole(self, name: str, default: int, code: int, least: int = 1, most: int | None = None) -> int:
        """Return a whole number within bounds."""
        text = self.text(name)
        if text is None:
            return default
        if text.strip().isascii() and text.strip().isdecimal():
            value = int(text)
            if value >= least and (most is None or value <= most):
                return value
        bounds = f"from {least}" + ("" if most is None else f" to {most}")
        self.complain(code, f'{name}="{text}" is not a whole number {bounds}; {default} is used')
        return default

    def flag(self, name: str, code: int, *, default: bool, fatal: bool = False) -> bool:
        """Return true or false."""
        text = self.text(name)
        if text is None:
            return default
        if text not in {"true", "false"}:
            self.complain(code, f'{name}="{text}" is neither true nor false', fatal=fatal)
            return default
        return text == "true"

    def choice(self, name: str, choices: Collection[str], default: str, code: int) -> str:
        """Return one of a set of words."""
        text = self.text(name)
        if text is None or text in choices:
            return default if text is None else text
        self.complain(code, f'{name}="{text}" is not one of {", ".join(choices)}; "{default}" is used')
        return default

    def some(self, name: str, choices: Collection[str], default: str, code: int) -> tuple[str, ...]:
        """Return one or more of a set of words, separated by blanks."""
        text = self.text(name, default) or default
        wrong = [word for word in text.split() if word not in choices]
        if wrong or not text.split():
            self.complain(code, f'{name}="{text}" has more than {", ".join(choices)}; "{default}" is used')
            text = default
        return tuple(text.split())

    def method(self, code: int, name: str = "method", default: str = "POST") -> str:
        """Return GET or POST."""
        return self.choice(name, ("POST", "GET"), default, code)

    def address(self, name: str, code: int) -> str | None:
        """Return a full or relative address; one that cannot be asked is as good as absent."""
        text = self.text(name)
        if text and (any(c.isspace() for c in text.strip()) or (":" in text and not _WEB.match(text))):
            self.complain(code, f'{name}="{text}" is not an address; it is ignored')
            return None
        return text

    def not_simulated(self, *names: str) -> None:
        """Remark, with code 0, on attributes that would change a real call but change nothing in a simulated one."""
        for name in names:
            if self.text(name) not in {None, "", "false", "do-not-record"}:
                self.complain(0, f"{name} is not simulated; it is ignored")

    def ignore(self, *names: str) -> None:
        """Accept attributes that change nothing in a simulated call."""
        self._known.update(names)

    def finish(self) -> None:
        """Complain of every attribute that nobody asked for."""
        for name in self._element.attributes:
            if name not in self._known:
                self.complain(SCHEMA, f'attribute "{name}" is not allowed here; it is ignored')

    def complain(self, code: int, message: str, *, fatal: bool = False) -> None:
        """Record a problem at this element."""
        element = self._element
        text = f"<{element.name}> {message}"
        self._problems.append(Problem(code, text, element.line, element.column, fatal=fatal))


def forbid_children(element: Element, problems: list[Problem], code: int = SCHEMA) -> None:
    """Complain of every element nested in one that takes none."""
    for child in element.elements:
        message = f"<{child.name}> may not be nested in <{element.name}>; it is skipped"
        problems.append(Problem(code, message, child.line, child.column))
