"""Templates compiled and run in a sandbox: what customers wrote is only ever a value, never a template."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from types import TracebackType
from typing import Any

from jinja2 import (
    BytecodeCache,
    FunctionLoader,
    StrictUndefined,
    Template,
    TemplateNotFound,
    TemplateSyntaxError,
    Undefined,
    meta,
    nodes,
)
from jinja2.bccache import Bucket
from jinja2.exceptions import SecurityError
from jinja2.runtime import BlockReference, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ..errors import MailticketError
from .wording import FILTERS

HTML = ".html.j2"
MAX_OUTPUT = 32 * 2**20  # characters: no mail that came in is as long, so only a template gone wrong is
_MAX_REASON = 300
_MOST_KEPT = 1000  # texts, of which 200 are shipped
# Jinja's other filters can make megabytes of a few letters, or call what they should not.
_PLAIN_FILTERS = ("default", "first", "join", "last", "length", "lower", "title", "trim", "upper", "e", "escape")


class TemplateFaultError(MailticketError):
    """A template cannot be used: which one, where, and why."""

    def __init__(self, name: str, reason: str, line: int | None = None) -> None:
        tidy = "".join(letter if letter.isprintable() else "�" for letter in " ".join(reason.split()))
        self.name = name
        self.line = line
        self.reason = tidy if len(tidy) <= _MAX_REASON else tidy[: _MAX_REASON - 1] + "…"
        super().__init__(f"template {name}{f', line {line}' if line else ''}: {self.reason}")


class _Sandbox(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"*", "**", "%"})

    def is_safe_callable(self, obj: Any) -> bool:
        # No methods: `"x".ljust(…)` is enough to fill the memory.
        return isinstance(obj, Macro | BlockReference | Undefined)  # an Undefined then says its name

    def call_binop(self, _context: object, operator: str, _left: object, _right: object) -> Any:
        raise SecurityError(f"the operator {operator} is not for templates")


class _Kept(BytecodeCache):
    """A text that was compiled is not compiled again for another set: the admin's own ones stand over the shipped."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._made.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if len(self._made) >= _MOST_KEPT:
            self._made.clear()
        self._made[bucket.key, bucket.checksum] = bucket.code


@lru_cache(maxsize=_MOST_KEPT)
def _made_of(source: str) -> tuple[str, ...]:
    """The names of the templates that a text uses; of one that is not right they do not matter."""
    try:
        return tuple(filter(None, meta.find_referenced_templates(_Sandbox().parse(source))))
    except Exception:  # noqa: BLE001  # the parser also fails for what is nested too deeply
        return ()


_KEPT = {False: _Kept(), True: _Kept()}  # by whether it escapes


class Compiled:
    """One set of templates by name, compiled when they are first used and kept."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.sources = dict(sources)
        self._text = self._environment(autoescape=False)
        self._html = self._environment(autoescape=True)
        self._loaded: dict[str, Template | TemplateFaultError] = {}

    def output(self, name: str, facts: Mapping[str, Any]) -> str:
        """Raises TemplateFaultError, also for a fact that the template names and nobody gave."""
        template, pieces, length = self.load(name), [], 0
        try:
            for piece in template.generate(facts):
                pieces.append(piece)
                length += len(piece)
                if length > MAX_OUTPUT:
                    break
        except Exception as error:
            # A template is a program that an admin may have written: whatever it raises is its fault.
            raise self._fault(name, error) from error
        if length > MAX_OUTPUT:
            raise TemplateFaultError(name, f"it makes more than {MAX_OUTPUT} characters")
        return "".join(pieces)

    def load(self, name: str) -> Template:
        loaded = self._loaded.get(name)
        if loaded is None:
            loaded = self._loaded[name] = self._compiled(name)
        if isinstance(loaded, TemplateFaultError):
            raise loaded.with_traceback(None)  # else it would grow with each mail
        return loaded

    def parsed(self, name: str) -> nodes.Template:
        """Its syntax tree; TemplateFaultError where it has none."""
        try:
            return self._of(name).parse(self.sources[name], name)
        except Exception as error:  # the parser also fails for what is nested too deeply
            raise self._fault(name, error) from error

    def facts_of(self, name: str) -> frozenset[str]:
        """The names that a template takes from outside itself."""
        return frozenset(meta.find_undeclared_variables(self.parsed(name)))

    def parts_of(self, name: str) -> frozenset[str]:
        """The template and all that it is made of, as far as that can be known without running it."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            one = waiting.pop()
            if one in found or one not in self.sources:
                continue
            found.add(one)
            waiting += _made_of(self.sources[one])
        return frozenset(found)

    def _compiled(self, name: str) -> Template | TemplateFaultError:
        try:
            return self._of(name).get_template(name)
        except Exception as error:  # noqa: BLE001  # Python's own compiler has limits, too
            return self._fault(name, error)

    def _of(self, name: str) -> _Sandbox:
        return self._html if name.endswith(HTML) else self._text

    def _fault(self, name: str, error: Exception) -> TemplateFaultError:
        if isinstance(error, TemplateSyntaxError):
            return TemplateFaultError(error.name or name, error.message or "is not right", error.lineno)
        place, line = [(name, None), *self._lines(error.__traceback__)][-1]
        if isinstance(error, TemplateNotFound):
            return TemplateFaultError(place, f"there is no template {error.message}", line)
        return TemplateFaultError(place, str(error) or type(error).__name__, line)

    def _lines(self, trace: TracebackType | None) -> Iterator[tuple[str, int | None]]:
        """Where in which template it happened, the outermost first: Jinja gives its frames the template's lines."""
        while trace:
            if trace.tb_frame.f_code.co_filename in self.sources:
                yield trace.tb_frame.f_code.co_filename, trace.tb_lineno
            trace = trace.tb_next

    def _environment(self, *, autoescape: bool) -> _Sandbox:
        environment = _Sandbox(
            loader=FunctionLoader(self._source),
            autoescape=autoescape,  # by environment, never by name: select_autoescape misses `.html.j2`
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            bytecode_cache=_KEPT[autoescape],
        )
        environment.globals.clear()
        environment.filters = {name: environment.filters[name] for name in _PLAIN_FILTERS} | FILTERS
        return environment

    def _source(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        """For Jinja: the text, and as its file name our own name, which is then in tracebacks."""
        source = self.sources.get(name)
        if source is None:
            return None
        if "autoescape" in source:
            for node in self._of(name).parse(source, name).find_all(nodes.EvalContextModifier):
                raise TemplateSyntaxError("autoescape is always on in HTML, and off in text", node.lineno, name)
        return source, name, lambda: True
