"""Templates to text and HTML, in a sandbox: what customers wrote is only ever a value, never a template.

Sources are named `LANGUAGE/NAME.txt.j2` and `LANGUAGE/NAME.html.j2`. A language that lacks one uses English.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import (
    DictLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    Undefined,
)
from jinja2.exceptions import SecurityError
from jinja2.runtime import BlockReference, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ..errors import MailticketError
from .wording import FILTERS

LANGUAGE = "en"
MAX_OUTPUT = 32 * 2**20  # characters: no mail that came in is as long, so only a template gone wrong is
# Jinja's other filters can make megabytes of a few letters, or call what they should not.
_PLAIN_FILTERS = ("default", "first", "join", "last", "length", "lower", "title", "trim", "upper", "e", "escape")
# What compose adds to the facts of every letter.
ADDED_FACTS = frozenset({"desk", "department", "tag", "number", "marker", "subject", "zone"})


class TemplateFaultError(MailticketError):
    """A template cannot be used: which one, where, and why."""


@dataclass(frozen=True, slots=True)
class Rendered:
    text: str
    html: str


class _Sandbox(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"*", "**", "%"})

    def is_safe_callable(self, obj: Any) -> bool:
        # No methods: `"x".ljust(…)` is enough to fill the memory.
        return isinstance(obj, Macro | BlockReference | Undefined)  # an Undefined then says its name

    def call_binop(self, _context: object, operator: str, _left: object, _right: object) -> Any:
        raise SecurityError(f"the operator {operator} is not for templates")


class Templates:
    """All templates of the desk, compiled when they are first used and kept."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.sources = dict(sources)
        self._text = _environment(self.sources, autoescape=False)
        self._html = _environment(self.sources, autoescape=True)
        self._found: dict[tuple[str, str], tuple[Template, Template]] = {}

    def render(self, name: str, language: str, facts: Mapping[str, Any]) -> Rendered:
        """Raises TemplateFaultError, also for a fact that the template names and nobody gave."""
        text, html = self._pair(name, language)
        return Rendered(_output(text, facts).strip("\n") + "\n", _output(html, facts))

    def faults(self) -> list[str]:
        """One line for each template that cannot be compiled."""
        lines = []
        for name in sorted(self.sources):
            try:
                self._load(name)
            except TemplateFaultError as fault:
                lines.append(str(fault))
        return lines

    def _pair(self, name: str, language: str) -> tuple[Template, Template]:
        key = (name, language)
        if key not in self._found:
            folder = language if f"{language}/{name}.txt.j2" in self.sources else LANGUAGE
            self._found[key] = self._load(f"{folder}/{name}.txt.j2"), self._load(f"{folder}/{name}.html.j2")
        return self._found[key]

    def _load(self, name: str) -> Template:
        environment = self._html if name.endswith(".html.j2") else self._text
        try:
            return environment.get_template(name)
        except TemplateNotFound as error:
            raise TemplateFaultError(f"template {name}: there is no such file ({error.message})") from error
        except TemplateSyntaxError as error:
            raise TemplateFaultError(f"template {error.name or name}, line {error.lineno}: {error.message}") from error
        except TemplateError as error:
            raise TemplateFaultError(f"template {name}: {error}") from error


def _environment(sources: dict[str, str], *, autoescape: bool) -> _Sandbox:
    environment = _Sandbox(
        loader=DictLoader(sources),
        autoescape=autoescape,  # by environment, never by name: select_autoescape misses `.html.j2`
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in _PLAIN_FILTERS} | FILTERS
    return environment


def _output(template: Template, facts: Mapping[str, Any]) -> str:
    pieces, length = [], 0
    try:
        for piece in template.generate(facts):
            pieces.append(piece)
            length += len(piece)
            if length > MAX_OUTPUT:
                raise TemplateFaultError(f"template {template.name}: it makes more than {MAX_OUTPUT} characters")
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        # A template is a program that an admin may have written: all that its expressions raise is its fault.
        raise TemplateFaultError(f"template {template.name}: {error}") from error
    return "".join(pieces)
