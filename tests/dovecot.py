"""A private Dovecot: it knows the password of its users for Postfix, and takes their mail by LMTP into Maildirs."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from daemon import until

PROGRAM = "/usr/sbin/dovecot"
OWNER = "mail"  # of the Maildirs: Dovecot writes for no root
COMMON = """\
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
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
FOR_POSTFIX = """\
protocols = lmtp
ssl = no
service auth {{
  unix_listener {folder}/auth {{
    mode = 0660
    user = postfix
    group = postfix
  }}
}}
"""


class PrivateDovecot:
    """One that runs with a config of its own; `users` have mailboxes and the password `password`. Started by `with`.

    `start` after `stop` finds the same mail again. It is up when the sockets at `waits_for` are there.
    """

    def __init__(self, users: Sequence[str], password: str) -> None:
        # Not below pytest's folder: Postfix and OWNER cannot enter that.
        self.folder = Path(tempfile.mkdtemp(prefix="mailticket-dovecot-"))
        self.folder.chmod(0o755)
        (self.folder / "mail").mkdir()
        shutil.chown(self.folder / "mail", OWNER, OWNER)
        lines = [f"{user}:{{PLAIN}}{password}:{OWNER}:{OWNER}::{self.folder}/mail/{user}::\n" for user in users]
        (self.folder / "users").write_text("".join(lines))
        self.config = self.folder / "dovecot.conf"
        self.lmtp = self.folder / "lmtp"
        self.waits_for = [self.lmtp]
        self._process: subprocess.Popen[bytes] | None = None

    def configured(self) -> str:
        return COMMON.format(folder=self.folder)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_exc):
        if self._process is not None:  # an orderly end takes it a second
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        shutil.rmtree(self.folder)

    def start(self) -> None:
        self.config.write_text(self.configured())
        self._process = subprocess.Popen([PROGRAM, "-F", "-c", str(self.config)], start_new_session=True)
        until(lambda: all(path.is_socket() for path in self.waits_for), 10, self.logged, pause=0.01)

    def stop(self) -> None:
        """Its clients hear a BYE, and its ports refuse."""
        self._process.terminate()
        self._process.wait(10)
        self._process = None

    def logged(self) -> str:
        log = self.folder / "log"
        return log.read_text() if log.exists() else "it has no log"


class Dovecot(PrivateDovecot):
    """What Postfix asks for passwords at `auth`, and what takes mail by LMTP."""

    def __init__(self, users: Sequence[str], password: str) -> None:
        super().__init__(users, password)
        self.auth = self.folder / "auth"
        self.waits_for.append(self.auth)

    def configured(self) -> str:
        return super().configured() + FOR_POSTFIX.format(folder=self.folder)

    def mails(self, user: str) -> list[bytes]:
        """What it delivered, the oldest first."""
        folder = self.folder / "mail" / user
        if not folder.exists():
            return []
        return [path.read_bytes() for path in sorted((folder / "new").iterdir(), key=lambda path: path.stat().st_mtime)]
