"""Coverage-guided fuzzing of what reads strangers' bytes: `python bench/fuzz.py TARGET [--minutes 60] [CORPUS…]`.

TARGET is parse, trim, html or bounce. Needs atheris (`pip install atheris`), which is no dependency. A finding is a
crash or a hang of over two seconds: libFuzzer writes its input to a file `crash-…` or `timeout-…` here, and ends.
What it found becomes a test.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import atheris

SECONDS = 2  # that one input may take: with the fuzzer's own counting, which slows everything several times

with atheris.instrument_imports(include=["mailticket"]):
    from mails import assert_sound

    from mailticket.core.crossing import agent_answer
    from mailticket.core.html import html_to_text, sanitise
    from mailticket.core.parse import parse
    from mailticket.core.text import new_words
    from mailticket.core.wire import pack, unpack

HEAD = b"From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail Returned to Sender\n"


def parsed(data: bytes) -> None:
    got = parse(data)
    assert_sound(got)
    if unpack(pack(got)) != got:
        raise AssertionError("it crosses the pipe as something else")
    agent_answer(got)


def trimmed(data: bytes) -> None:
    text = data.decode("utf-8", "replace").replace("\r", "")
    words = new_words(text)
    if bool(words.strip()) != bool(text.strip()):
        raise AssertionError("nothing is left, or something came of nothing")


def html(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    safe = sanitise(text).lower()
    if "<script" in safe or 'href="javascript' in safe:
        raise AssertionError(safe)
    html_to_text(text)


def bounced(data: bytes) -> None:
    got = parse(HEAD + data)
    for one in got.bounce.recipients if got.bounce else ():
        if not one.address or "\n" in one.address + one.status + one.words:
            raise AssertionError(one)


TARGETS: dict[str, Callable[[bytes], None]] = {"parse": parsed, "trim": trimmed, "html": html, "bounce": bounced}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--largest", type=int, default=20_000, help="octets of an input")
    parser.add_argument("corpus", nargs="*", help="folders of inputs to begin with; what is new goes into the first")
    chosen = parser.parse_intermixed_args()
    limits = [f"-max_total_time={int(chosen.minutes * 60)}", f"-timeout={SECONDS}", f"-max_len={chosen.largest}"]
    atheris.Setup([sys.argv[0], *limits, "-print_final_stats=1", *chosen.corpus], TARGETS[chosen.target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
