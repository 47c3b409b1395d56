"""Scores what `mailticket explain --json` says of a collection of real mails against what is stated of them there.

A collection is a folder with mails and `expected.jsonl`: one object a line, `file` and what is right about it. What is
not stated is not scored, nor is what `caveat_fields` names: another product's policy.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Facts = Mapping[str, Any]

# What people wrote to people: whoever calls one of these a bounce or an automatic reply raises a false alarm.
OF_PERSONS = frozenset({"quote-trim", "quote-trim-html", "signature", "ham", "not-auto-reply", "crypto", "not-bounce"})
NO_BOUNCES = OF_PERSONS | {"auto-reply", "spam", "threading", "html", "calendar"}


_OF_ITS_OWN = re.compile(r"[45]\.0\.9\d\d")

_NAMELESS = re.compile(r"noname\d*")  # what one collection calls a part without a name


@dataclass(frozen=True)
class Check:
    """`stated` says whether the collection says anything about it; `holds` whether we are right."""

    name: str
    stated: Callable[[Facts], bool]
    holds: Callable[[Facts, Facts], bool]
    mark: float = 0.0  # the least part that has to be right
    misses: int | None = None  # or: the most that may be wrong


@dataclass
class Score:
    """How often one check held in some mails, and in which it did not."""

    right: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def all(self) -> int:
        return self.right + len(self.wrong)

    @property
    def part(self) -> float:
        return self.right / self.all if self.all else 1.0

    def passes(self, check: Check) -> bool:
        return len(self.wrong) <= check.misses if check.misses is not None else self.part >= check.mark


def _flat(text: str) -> str:
    return " ".join((text or "").split())


def _same(stated: str, told: str) -> bool:
    """U+FFFD is what another product made of letters that can be read."""
    pattern = "[^\ufffd]+?".join(map(re.escape, re.split("\ufffd+", _flat(stated))))
    return re.fullmatch(pattern, _flat(told)) is not None


def _lines(text: str) -> list[str]:
    return [line for one in text.splitlines() if (line := _flat(one))]


def _says(key: str, value: Any = ...) -> Callable[[Facts], bool]:
    """Is it stated, is it that value where one is given, and is it no other product's policy?"""

    def stated(facts: Facts) -> bool:
        there = key in facts and key not in facts.get("caveat_fields", ())
        return there and (value is ... or facts[key] == value)

    return stated


def _person(told: Facts, part: str) -> str:
    return (told["from"] or {}).get(part, "")


def _names(told: Facts) -> list[str]:
    return [one["filename"] for one in told["attachments"]]


def _names_right(facts: Facts, told: Facts) -> bool:
    """All of them in any order; a second body that another product keeps as a file is no attachment. What came without
    a name has the one that we make up."""
    left = _names(told)
    for stated in sorted(facts["attachment_names"], key=lambda name: _NAMELESS.fullmatch(name) is not None):
        fitting = [one for one in left if _NAMELESS.fullmatch(stated) or _same(stated, one)]
        if not fitting:
            return False
        left.remove(fitting[0])
    return not left


def _names_there(facts: Facts, told: Facts) -> bool:
    return not Counter(map(_flat, facts["attachment_names_include"])) - Counter(map(_flat, _names(told)))


def _is_cut(facts: Facts, told: Facts) -> bool:
    """Does a word of the reply fail to come in its place? A rule or a star is no word."""
    words = iter(re.findall(r"\w+", told["text"]))
    return not all(word in words for word in re.findall(r"[^\W_]\w*", facts["reply_text"]))


def _recipients(told: Facts) -> list[Facts]:
    return (told["bounce"] or {}).get("recipients", [])


def _found(facts: Facts, told: Facts) -> bool:
    wanted = {one.lower() for one in facts["bounce_recipient"]}
    return wanted <= {one["address"].lower() for one in _recipients(told)}


def _statuses(facts: Facts) -> set[str]:
    """Those that are stated, without what one collection calls the reasons that it has found in words: 5.0.911."""
    stated = facts.get("bounce_status") or []
    return {one for one in (stated if isinstance(stated, list) else [stated]) if one and not _OF_ITS_OWN.fullmatch(one)}


def _status_right(facts: Facts, told: Facts) -> bool:
    return _statuses(facts) <= {one["status"] for one in _recipients(told)}


def _status_stated(facts: Facts) -> bool:
    return _says("bounce_status")(facts) and bool(_statuses(facts))


def _contains(facts: Facts, told: Facts) -> bool:
    text = _flat(told["text"])
    return all(_flat(one) in text for one in facts["reply_contains"])


def _lacks(facts: Facts, told: Facts) -> bool:
    text = _flat(told["text"])
    return not any(_flat(one) in text for one in facts["reply_not_contains"])


def _of_a_person(facts: Facts) -> bool:
    """Did a person write it, and does it say so? What lacks a From may be anybody's."""
    return facts["category"] in OF_PERSONS and not {"dsn", "no-from"} & set(facts["tags"])


def _is_alarm(told: Facts) -> bool:
    failed = any(one["action"] == "failed" for one in _recipients(told))
    return told["kind"] == "bounce" or (failed and told["kind"] != "automatic")


def _kind_in(*kinds: str) -> Callable[[Facts, Facts], bool]:
    return lambda _, told: told["kind"] in kinds


def _kind_not_in(*kinds: str) -> Callable[[Facts, Facts], bool]:
    return lambda _, told: told["kind"] not in kinds


def _address_right(facts: Facts, told: Facts) -> bool:
    return facts["from_addr"].lower() == _person(told, "address").lower()


def _id_right(facts: Facts, told: Facts) -> bool:
    return told["message_id"].strip("<>") == facts["message_id"].strip("<>")


def _no_bounce(facts: Facts) -> bool:
    return facts.get("is_bounce") is False or (facts["category"] in NO_BOUNCES and "dsn" not in facts["tags"])


def _no_reply_of_a_machine(facts: Facts) -> bool:
    return facts.get("is_auto_reply") is False or _of_a_person(facts)


CHECKS: tuple[Check, ...] = (
    Check("from address", _says("from_addr"), _address_right, 0.99),
    Check("from name", _says("from_name"), lambda f, t: _flat(f["from_name"]) == _flat(_person(t, "name")), 0.98),
    Check("subject", _says("subject"), lambda f, t: _same(f["subject"], t["subject"]), 0.98),
    Check("attachment names", _says("attachment_names"), _names_right, 0.98),
    Check("attachment names there", _says("attachment_names_include"), _names_there),
    Check("attachment count", _says("n_attachments"), lambda f, t: f["n_attachments"] == len(t["attachments"])),
    Check("reply text", _says("reply_text"), lambda f, t: _lines(f["reply_text"]) == _lines(t["text"]), 0.80),
    Check("reply not cut into", _says("reply_text"), lambda f, t: not _is_cut(f, t), 0.98),
    Check("reply contains", _says("reply_contains"), _contains),
    Check("reply is without", _says("reply_not_contains"), _lacks),
    Check("bounce recipients", _says("bounce_recipient"), _found, 0.95),
    Check("bounce status", _status_stated, _status_right, 0.90),
    Check("bounces called so", _says("is_bounce", True), _kind_in("bounce")),
    Check("no bounce, not called so", _no_bounce, lambda _, t: not _is_alarm(t), misses=2),
    Check("automatic replies", _says("is_auto_reply", True), _kind_in("automatic", "bounce"), misses=1),
    Check(
        "no automatic reply, not called so",
        _no_reply_of_a_machine,
        _kind_not_in("automatic", "own", "bounce"),
        misses=0,
    ),
    Check("not to be answered", _says("must_not_autorespond", True), lambda _, t: not t["answerable"], misses=0),
    Check("may be answered", _says("must_not_autorespond", False), lambda _, t: t["answerable"], misses=0),
    Check("feedback reports", _says("is_feedback_report", True), lambda _, t: t["detail"] == "feedback"),
    Check("reply-to", _says("reply_to"), lambda f, t: all(a["address"] in f["reply_to"] for a in t["reply_to"])),
    Check("message id", _says("message_id"), _id_right),
)


@dataclass
class Result:
    """`scores` by check, `by_category` and `by_collection` (check, name) → score; `slowest` in seconds."""

    mails: int
    crashes: list[str]
    slowest: list[tuple[float, str]]
    scores: dict[str, Score]
    by_category: dict[tuple[str, str], Score]
    by_collection: dict[tuple[str, str], Score]


def stated(folder: Path) -> list[Facts]:
    return [json.loads(line) for line in (folder / "expected.jsonl").read_text(encoding="utf-8").splitlines() if line]


def explained(paths: list[Path]) -> Iterator[tuple[float, Facts]]:
    """What `explain` says of each mail, with the seconds that it took to say so (what the machine did beside is in
    them)."""
    command = [sys.executable, "-m", "mailticket", "explain", "--json", *map(str, paths)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as program:
        assert program.stdout is not None
        began: float | None = None  # the first one's time holds the program's start
        for line in program.stdout:
            now = time.monotonic()
            yield (0.0 if began is None else now - began), json.loads(line)
            began = now


def score(folder: Path, slow: float = 0.5) -> Result:
    """The whole collection. What took longer than `slow` seconds is timed once more by itself."""
    facts = stated(folder)
    paths = {str(folder / one["file"]): one for one in facts}
    told: dict[str, Facts] = {}
    times: dict[str, float] = {}
    for seconds, one in explained([folder / one["file"] for one in facts]):
        told[one["path"]], times[one["path"]] = one, seconds
    for path in [path for path, seconds in times.items() if seconds > slow]:
        times[path] = min(times[path], *(seconds for seconds, _ in list(explained([Path(path)] * 3))[1:]))
    crashed = [
        one["file"]
        for path, one in paths.items()
        if path not in told or any(d.startswith("the reader") for d in told[path]["defects"])
    ]
    result = Result(len(facts), crashed, sorted(((s, paths[p]["file"]) for p, s in times.items()), reverse=True)[:5],
                    {}, {}, {})  # fmt: skip
    for path, one in paths.items():
        if path in told:
            _add(result, one, told[path])
    return result


def _add(result: Result, facts: Facts, told: Facts) -> None:
    for check in CHECKS:
        if not check.stated(facts):
            continue
        right = check.holds(facts, told)
        places = (
            (result.scores, check.name),
            (result.by_category, (check.name, facts["category"])),
            (result.by_collection, (check.name, facts["corpus"])),
        )
        for scores, key in places:
            one = scores.setdefault(key, Score())
            if right:
                one.right += 1
            else:
                one.wrong.append(facts["file"])


def failures(result: Result) -> list[str]:
    """One line for each mark that was missed."""
    found = [f"crashes: {', '.join(result.crashes)}"] if result.crashes else []
    if result.slowest and result.slowest[0][0] >= 1:
        found.append(f"slowest: {result.slowest[0][1]} took {result.slowest[0][0]:.2f} s")
    for check in CHECKS:
        one = result.scores.get(check.name)
        if one is not None and not one.passes(check):
            found.append(f"{check.name}: {one.right} of {one.all}: {', '.join(one.wrong[:20])}")
    return found
