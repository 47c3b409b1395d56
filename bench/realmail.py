"""How well a folder of real mails is read: `python bench/realmail.py DIR [--misses]`, DIR with its expected.jsonl.

Prints a table by check, one by category and by collection, and each miss by name.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from realmail import CHECKS, Check, Result, Score, failures, score


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--misses", action="store_true", help="name every miss, not the first ten of a check")
    chosen = parser.parse_args()
    result = score(chosen.folder)
    _summary(result)
    _parts("category", result.by_category)
    _parts("collection", result.by_collection)
    _misses(result, None if chosen.misses else 10)
    missed = failures(result)
    print("\nmarks missed:", *(missed or ["none"]), sep="\n  ")
    return int(bool(missed))


def _summary(result: Result) -> None:
    print(f"{result.mails} mails, {len(result.crashes)} crashes\n")
    print("| | right | of | part | mark |\n|---|---|---|---|---|")
    for check in CHECKS:
        one = result.scores.get(check.name)
        if one is not None:
            print(f"| {check.name} | {one.right} | {one.all} | {one.part:.1%} | {_mark(check)} |")
    print("\nslowest:", *(f"{seconds:.2f} s {name}" for seconds, name in result.slowest), sep="\n  ")


def _mark(check: Check) -> str:
    if check.misses is not None:
        return f"at most {check.misses} wrong"
    return f"{check.mark:.0%}" if check.mark else ""


def _parts(what: str, scores: dict[tuple[str, str], Score]) -> None:
    print(f"\n| {what} | check | right | of |\n|---|---|---|---|")
    for (check, name), one in sorted(scores.items(), key=lambda item: (item[0][1], item[0][0])):
        print(f"| {name} | {check} | {one.right} | {one.all} |")


def _misses(result: Result, limit: int | None) -> None:
    for check in CHECKS:
        one = result.scores.get(check.name)
        if one is not None and one.wrong:
            print(f"\n{check.name}, missed:", *one.wrong[:limit], sep="\n  ")


if __name__ == "__main__":
    sys.exit(main())
