"""What a large mail costs: it goes from the socket to the store in pieces."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from dovecot_imap import ImapDovecot
from mailboxes import letter

from mailticket.store import inbox
from mailticket.store.db import open_existing

SIZE = 50 << 20
MOST = 40 << 10  # KiB


def test_a_mail_of_50_mb_takes_40_mib_of_memory_at_most_and_arrives_whole(need, tmp_path):
    need("root", "dovecot", "imap")
    lines = b"".join(b"%076d\r\n" % number for number in range(SIZE // 78))
    mail = letter("large") + lines
    here = Path(__file__).parent
    with ImapDovecot() as dovecot:
        command = [sys.executable, str(here / "imap_memory.py"), str(tmp_path), str(dovecot.port), "1"]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ
        ) as process:
            assert process.stdout.readline() == "watching\n"
            dovecot.fill([mail])
            process.stdin.write("go\n")
            process.stdin.flush()
            before, most = map(int, process.stdout.readline().split())
    sys.stdout.write(f"{before} KiB before, {most} KiB at most\n")
    assert most - before < MOST
    with open_existing(tmp_path / "mailticket.db") as db:
        stored = inbox.raw(db, 1)
    assert hashlib.sha256(stored).digest() == hashlib.sha256(mail).digest()
