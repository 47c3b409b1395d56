"""A letter's template to text and HTML: the admin's own file where there is one and it works, else the shipped one.

Sources are named `LANGUAGE/NAME.txt.j2` and `LANGUAGE/NAME.html.j2`. A language that lacks one uses English.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from .samples import ADDED
from .sandbox import HTML, Compiled, TemplateFaultError

LANGUAGE = "en"
ADDED_FACTS = frozenset(ADDED)  # what compose adds to the facts of every letter
FALLS_BACK = "; the shipped one is used"
_MARKER = "marker"
_MOST_TOLD = 100  # faults: a message may hold what is in the facts, and so be a new one each time

__all__ = ["ADDED_FACTS", "FALLS_BACK", "HTML", "LANGUAGE", "Own", "Rendered", "TemplateFaultError", "Templates"]


@dataclass(frozen=True, slots=True)
class Rendered:
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Own:
    """A template of the admin's. `path` is for the admin's eyes, `fault` says why there is no source."""

    path: str
    source: str = ""
    fault: str = ""


class Templates:
    """All templates of the desk.

    A fault of the admin's own files never costs a mail: it is `told`, once, and the shipped file of the same name is
    used. A fault of the shipped ones is raised.
    """

    def __init__(
        self,
        sources: Mapping[str, str],
        own: Mapping[str, Own] = MappingProxyType({}),
        told: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self.sources = dict(sources)
        self.own = dict(own)
        self.shipped = Compiled(self.sources)
        self.whole = Compiled(self.sources | {name: one.source for name, one in own.items() if not one.fault})
        self._told = told
        self._said: set[str] = set()
        self._mine: dict[str, frozenset[str]] = {}
        self._marked: dict[str, bool] = {}

    def render(self, name: str, language: str, facts: Mapping[str, Any]) -> Rendered:
        """Raises TemplateFaultError where even the shipped template cannot be used."""
        folder = language if f"{language}/{name}.txt.j2" in self.sources else LANGUAGE
        text, html = f"{folder}/{name}.txt.j2", f"{folder}/{name}{HTML}"
        return Rendered(self._output(text, facts).strip("\n") + "\n", self._output(html, facts))

    def faults(self) -> list[str]:
        """One line for each shipped template that cannot be compiled."""
        lines = []
        for name in sorted(self.sources):
            try:
                self.shipped.load(name)
            except TemplateFaultError as fault:
                lines.append(str(fault))
        return lines

    def own_in(self, name: str) -> frozenset[str]:
        """Which of the admin's files have a part in a template."""
        if name not in self._mine:
            self._mine[name] = self.whole.parts_of(name) & self.own.keys() if self.own else frozenset()
        return self._mine[name]

    def try_own(self, name: str, facts: Mapping[str, Any]) -> str:
        """A template with the admin's files in their places. Raises TemplateFaultError."""
        made = self.whole.output(name, facts)
        if name not in self._marked:
            self._marked[name] = name in self.sources and _MARKER in self.shipped.facts_of(name)
        if self._marked[name] and str(facts.get(_MARKER)) not in made:
            # Below that line stands what an agent got; without it more than the agent's words might cross.
            raise TemplateFaultError(name, "does not show {{ marker }}, above which an agent's answer stands")
        return made

    def line_of(self, name: str, fault: TemplateFaultError) -> str:
        """A fault of the template `name` in words that an admin can go by."""
        place = f", line {fault.line}" if fault.line else ""
        if fault.name in self.own:
            return f"template {self.own[fault.name].path}{place}: {fault.reason}{FALLS_BACK}"
        beside = ", ".join(sorted(self.own[one].path for one in self.own_in(name)))
        return f"template {fault.name}{place}, with {beside}: {fault.reason}{FALLS_BACK}"

    def tell(self, line: str) -> None:
        """Each line once, and not too many of them."""
        if line not in self._said and len(self._said) < _MOST_TOLD:
            self._said.add(line)
            self._told(line)

    def _output(self, name: str, facts: Mapping[str, Any]) -> str:
        if self.own_in(name):
            try:
                return self.try_own(name, facts)
            except TemplateFaultError as fault:
                self.tell(self.line_of(name, fault))
        return self.shipped.output(name, facts)
