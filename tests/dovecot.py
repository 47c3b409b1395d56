"""A private Dovecot: it knows the password of its users for Postfix, and takes their mail by LMTP into Maildirs."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from daemon import until

PROGRAM = "/usr/sbin/dovecot"
OWNER = "mail"  # of the Maildirs: Dovecot writes for no root
CONFIG = """\
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = lmtp
ssl = no
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
userdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users
}}
passdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users
}}
auth_mechanisms = plain login
service auth {{
  unix_listener {folder}/auth {{
    mode = 0660
    user = postfix
    group = postfix
  }}
}}
service lmtp {{
  unix_listener {folder}/lmtp {{
    mode = 0600
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""


class Dovecot:
    """`users` have mailboxes and the password `password`. Started by `with`."""

    def __init__(self, users: Sequence[str], password: str) -> None:
        # Not below pytest's folder: Postfix and OWNER cannot enter that.
        self.folder = Path(tempfile.mkdtemp(prefix="mailticket-dovecot-"))
        self.folder.chmod(0o755)
        (self.folder / "mail").mkdir()
        shutil.chown(self.folder / "mail", OWNER, OWNER)
        lines = [f"{user}:{{PLAIN}}{password}:{OWNER}:{OWNER}::{self.folder}/mail/{user}::\n" for user in users]
        (self.folder / "users").write_text("".join(lines))
        self.config = self.folder / "dovecot.conf"
        self.config.write_text(CONFIG.format(folder=self.folder))
        self.auth, self.lmtp = self.folder / "auth", self.folder / "lmtp"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self):
        self._process = subprocess.Popen([PROGRAM, "-F", "-c", str(self.config)])
        until(lambda: self.auth.is_socket() and self.lmtp.is_socket(), 10, self.logged)
        return self

    def __exit__(self, *_exc):
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self.folder)

    def mails(self, user: str) -> list[bytes]:
        """What it delivered, the oldest first."""
        folder = self.folder / "mail" / user
        if not folder.exists():
            return []
        return [path.read_bytes() for path in sorted((folder / "new").iterdir(), key=lambda path: path.stat().st_mtime)]

    def logged(self) -> str:
        log = self.folder / "log"
        return log.read_text() if log.exists() else "it has no log"
