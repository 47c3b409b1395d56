"""How long it takes to read a mail, and how much memory, by kind of mail; beside mail-parser and the standard library.

    python bench/parse.py            some three minutes; prints a table in Markdown
    python bench/parse.py --quick    about a minute

Each figure is of a process of its own: milliseconds of the processor for one mail, the best of many, and the most
memory that reading it once takes beyond what the process had. Every reader has to find the same facts: sender,
recipients, subject, date, text and files. `ratio` is mailticket's time by mail-parser's.
"""

from __future__ import annotations

import argparse
import base64
import json
import logging
import os
import platform
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOST_SECONDS, MOST_MEMORY = 20, 2 << 30
BATCH = 0.1  # seconds of the processor that are measured together, at least
WORDS = ("the", "printer", "in", "our", "office", "prints", "blank", "pages", "straße", "kůň", "żółw", "проблема")

Read = Callable[[bytes], object]

# --- the mails --------------------------------------------------------------------------------------------------------

_HEAD = """\
Return-Path: <karl.nowak@customer.example>
Received: from mx0.customer.example (mx0.customer.example [192.0.2.61]) by
 relay0.example.net (Postfix) with ESMTPS id 4BB0FED262 for
 <support@desk.example>; Mon, 03 Jun 2024 10:48:35 +0000
Received: from mx1.customer.example (mx1.customer.example [192.0.2.35]) by
 relay1.example.net (Postfix) with ESMTPS id 0D5CA9BBB6 for
 <support@desk.example>; Mon, 03 Jun 2024 10:48:31 +0000
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=customer.example;
 s=sel1; h=from:to:subject:date; bh=rJkavUuTRB6lNzMHkvxtyyILg56h/QfcAAxNxxBiz8o=;
 b=5IU1S14FBVUbxkm6eFkQZFz6nz4dbR48+nWBSEjxl/hEQg0x5VpsivwVNOVcoeh52Qg5UbJ8X4bT
Message-ID: <7afffea39ae79408.501@customer.example>
From: "Karl Nowak" <karl.nowak@customer.example>
To: Support <support@desk.example>
Cc: Elif Dupont <elif.dupont@customer.example>
Subject: =?utf-8?q?Drucker_in_der_Hauptstra=C3=9Fe?=
Date: Mon, 03 Jun 2024 12:48:29 +0200
MIME-Version: 1.0
User-Agent: Mozilla Thunderbird
""".replace("\n", "\r\n").encode()


def _text(size: int, line_end: str = "\r\n") -> bytes:
    chance = random.Random(1)
    out: list[str] = []
    while size > 0:
        line = " ".join(chance.choices(WORDS, k=10))
        out.append(line)
        size -= len(line.encode()) + 2
    return line_end.join(out).encode()


def _mixed(*parts: bytes) -> bytes:
    return (
        _HEAD
        + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        + b"".join(b"--b\r\n" + p for p in parts)
        + b"--b--\r\n"
    )


def _file(name: str, size: int) -> bytes:
    head = f"Content-Type: application/pdf; name={name}\r\nContent-Disposition: attachment; filename={name}\r\n"
    body = base64.encodebytes(random.Random(2).randbytes(size)).replace(b"\n", b"\r\n")
    return head.encode() + b"Content-Transfer-Encoding: base64\r\n\r\n" + body


_PLAIN = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
_HTML = b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"


def _page(size: int) -> bytes:
    rows = (f"<tr><td><p>{line}</p></td></tr>" for line in _text(size, "\n").decode().split("\n"))
    return ("<html><body><table>" + "\r\n".join(rows) + "</table></body></html>\r\n").encode()


def _deep() -> bytes:
    heads = (b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(45))
    return _HEAD + b"".join(heads) + _PLAIN + _text(2000)


def _many_headers() -> bytes:
    return _HEAD + b"".join(b"X-Header-%d: some value\r\n" % n for n in range(900)) + _PLAIN + _text(2000)


def _quotes() -> bytes:
    return b"From: " + b'"a\\" ' * 12_000 + b"<a@b.example>\r\nSubject: x\r\n\r\nwords\r\n"


def _encoded_words() -> bytes:
    return b"From: a@b.example\r\nSubject: " + b"=?utf-8?q?a=C3=A9?=\r\n " * 10_000 + b"\r\n\r\nwords\r\n"


MAILS: dict[str, Callable[[], bytes]] = {
    "small text": lambda: _HEAD + _PLAIN + _text(2400),
    "text and HTML": lambda: _HEAD + b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n" + _PLAIN
    + _text(6000) + b"\r\n--b\r\n" + _HTML + _page(20_000) + b"--b--\r\n",
    "two files": lambda: _mixed(_PLAIN + _text(1500) + b"\r\n", _file("a.pdf", 60_000), _file("b.pdf", 90_000)),
    "a large file": lambda: _mixed(_PLAIN + _text(1500) + b"\r\n", _file("film.pdf", 25 << 20)),
    "a large text": lambda: _HEAD + _PLAIN + _text(5 << 20),
    "45 levels": _deep,
    "900 headers": _many_headers,
    "hostile quotes": _quotes,
    "hostile words": _encoded_words,
}  # fmt: skip

# --- the readers ------------------------------------------------------------------------------------------------------


def _mailticket() -> Read:
    from mailticket.core.parse import parse  # noqa: PLC0415 - each process loads one reader

    return parse


def _mail_parser() -> Read:
    import mailparser  # noqa: PLC0415

    logging.getLogger("mailparser").setLevel(logging.CRITICAL + 1)

    def read(raw: bytes) -> object:
        mail = mailparser.parse_from_bytes(raw)
        return mail.from_, mail.to, mail.subject, mail.date, mail.text_plain, mail.text_html, mail.attachments

    return read


def _standard(modern: bool) -> Read:
    from email import message_from_bytes, policy  # noqa: PLC0415
    from email.header import decode_header, make_header  # noqa: PLC0415
    from email.utils import getaddresses, parsedate_to_datetime  # noqa: PLC0415

    def read(raw: bytes) -> object:
        mail = message_from_bytes(raw, policy=policy.default if modern else policy.compat32)  # type: ignore[arg-type]
        when = mail["date"] and (mail["date"].datetime if modern else parsedate_to_datetime(mail["date"]))
        who = [getaddresses([str(mail.get(name, ""))]) for name in ("from", "to", "cc")]
        subject = mail["subject"] if modern else str(make_header(decode_header(mail["subject"])))
        parts = [(p.get_filename(), p.get_payload(decode=True)) for p in mail.walk() if not p.is_multipart()]
        return who, str(subject), when, parts, [data.decode("utf-8", "replace") for name, data in parts if not name]

    return read


READERS: dict[str, Callable[[], Read]] = {
    "mailticket": _mailticket,
    "mail-parser": _mail_parser,
    "email (compat32)": lambda: _standard(False),
    "email (default)": lambda: _standard(True),
}

# --- measuring --------------------------------------------------------------------------------------------------------


def measure(kind: str, reader: str, seconds: float) -> None:
    """In a process of its own; prints milliseconds and MB."""
    raw, read = MAILS[kind](), READERS[reader]()
    read(b"From: a@b.example\r\nSubject: x\r\nDate: Mon, 3 Jun 2024 10:00:00 +0200\r\n\r\nwords\r\n")
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    used = int(time.process_time()) + MOST_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (used, used + 1))
    Path("/proc/self/clear_refs").write_text("5")  # the most that was held is counted anew
    before = _memory("VmRSS")
    read(raw)
    memory = _memory("VmHWM") - before
    best, end, count = float("inf"), time.monotonic() + seconds, 1
    while time.monotonic() < end or best == float("inf"):
        began = time.process_time()
        for _ in range(count):
            read(raw)
        took = time.process_time() - began
        if took < BATCH:  # the clock is coarse on some machines
            count *= 2
        else:
            best = min(best, took / count)
    print(json.dumps([best * 1000, max(memory, 0.0), len(raw)]))


def _memory(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def measured(kind: str, reader: str, seconds: float) -> tuple[float, float, int] | str:
    """The figures, or in a word why there are none."""
    command = [sys.executable, __file__, "--one", kind, reader, str(seconds)]
    ran = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    if ran.returncode == 0:
        time_ms, memory, size = json.loads(ran.stdout)
        return time_ms, memory, size
    if ran.returncode < 0:
        return f"over {MOST_SECONDS} s"
    error = ran.stderr.strip().splitlines()[-1].partition(":")[0].rpartition(".")[2]
    return f"over {MOST_MEMORY >> 30} GB" if error == "MemoryError" else error


def table(seconds: float) -> None:
    print("| mail | KB | " + " | ".join(f"{name}: ms | MB" for name in READERS) + " | ratio |")
    print("|---|---|" + "---|---|" * len(READERS) + "---|", flush=True)
    for kind in MAILS:
        found = {reader: measured(kind, reader, seconds) for reader in READERS}
        cells = [one if isinstance(one, str) else f"{_figure(one[0])} | {_figure(one[1])}" for one in found.values()]
        cells = [cell if " | " in cell else f"{cell} | " for cell in cells]
        ours, theirs = found["mailticket"], found["mail-parser"]
        ratio = "" if isinstance(ours, str) or isinstance(theirs, str) else f"{ours[0] / theirs[0]:.2f}"
        size = "" if isinstance(ours, str) else f"{ours[2] / 1000:,.0f}"
        print(f"| {kind} | {size} | {' | '.join(cells)} | {ratio} |", flush=True)


def _figure(number: float) -> str:
    return f"{number:.2f}" if number < 10 else f"{number:,.0f}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="about a minute, less exact")
    options.add_argument("--one", nargs=3, metavar=("KIND", "READER", "SECONDS"), help=argparse.SUPPRESS)
    wanted = options.parse_args()
    if wanted.one:
        measure(wanted.one[0], wanted.one[1], float(wanted.one[2]))
        return
    command = " ".join(["python", "bench/parse.py", *sys.argv[1:]])
    print(f"`{command}`, {date.today()}, Python {platform.python_version()}:\n")
    table(0.3 if wanted.quick else 2.0)


if __name__ == "__main__":
    main()
