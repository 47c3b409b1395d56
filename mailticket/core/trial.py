"""The admin's own templates, tried before a mail needs them: what `check` says of them, and the desk at its start."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from jinja2 import nodes

from . import samples
from .render import FALLS_BACK, LANGUAGE, Templates
from .sandbox import TemplateFaultError

_LIKE_ENOUGH = 0.5


def findings(templates: Templates) -> list[str]:
    """One line for each thing that is wrong with the admin's files, each once, by file."""
    found = [*_unread(templates), *_without_effect(templates)]
    for name in sorted(templates.sources):
        if templates.own_in(name):
            found += _tried(templates, name)
    return list(dict.fromkeys(found))


def _unread(templates: Templates) -> Iterator[str]:
    for _, own in sorted(templates.own.items()):
        if own.fault:
            yield f"template {own.path}: {own.fault}{FALLS_BACK}"


def _without_effect(templates: Templates) -> Iterator[str]:
    used = {part for name in templates.sources for part in templates.own_in(name)}
    for name, own in sorted(templates.own.items()):
        if name not in used | templates.sources.keys():
            near = difflib.get_close_matches(name, templates.sources, n=1, cutoff=0.0)
            yield f'template {own.path}: replaces no shipped one; did you mean "{near[0]}"?'


def _tried(templates: Templates, name: str) -> list[str]:
    kind = name.removeprefix(f"{LANGUAGE}/").partition(".")[0]
    known = kind in samples.SAMPLES
    try:
        templates.whole.load(name)
        if known and name in templates.own and (unknown := _unknown_facts(templates, name, kind)):
            return unknown
        for facts in (samples.full, samples.sparse) if known else ():
            templates.try_own(name, facts(kind))
    except TemplateFaultError as fault:
        return [templates.line_of(name, fault)]
    return []


def _unknown_facts(templates: Templates, name: str, kind: str) -> list[str]:
    """Names that no mail of this kind has, also where the sample facts do not lead to them."""
    tree = templates.whole.parsed(name)
    imports = [one for node in tree.find_all(nodes.FromImport) for one in node.names]
    known = samples.full(kind).keys() | {one if isinstance(one, str) else one[1] for one in imports}
    known |= {node.target for node in tree.find_all(nodes.Import)}
    known |= {node.name for node in tree.find_all(nodes.Name) if node.ctx != "load"}
    lines = []
    for unknown in sorted(templates.whole.facts_of(name) - known):
        line = min(node.lineno for node in tree.find_all(nodes.Name) if node.name == unknown)
        near = difflib.get_close_matches(unknown, known, n=1, cutoff=_LIKE_ENOUGH)
        meant = f' (perhaps "{near[0]}")' if near else ""
        fault = TemplateFaultError(name, f'no mail of this kind has "{unknown}"{meant}', line)
        lines.append(f"{templates.line_of(name, fault)} where it is needed")
    return lines
