"""A private Dovecot whose mailboxes are read by IMAP, with what a test does to them behind a reader's back."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import smtplib
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from certificates import certificate
from daemon import until
from dovecot import OWNER, PrivateDovecot
from imapclient import IMAPClient
from ports import unused_port

PASSWORD = "correct horse battery"
# Of what Debian's 2.3.19 offers, what it keeps where something is switched off.
OFFERS = (
    *("IMAP4rev1", "SASL-IR", "LITERAL+", "ID", "ENABLE", "IDLE", "CHILDREN", "NAMESPACE", "UNSELECT", "UIDPLUS"),
    *("LIST-EXTENDED", "CONDSTORE", "ESEARCH", "WITHIN", "MOVE"),
)
CONFIG = """\
protocols = imap lmtp
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
disable_plaintext_auth = no
auth_failure_delay = 0
mail_max_userip_connections = 1000
{offers}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  service_count = 0
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {tls_port}
    ssl = yes
  }}
}}
service imap {{
  process_limit = 500
}}
{more}
"""


class ImapDovecot(PrivateDovecot):
    """`port` is for plain text and STARTTLS, `tls_port` for TLS at once, with `certificates.certificate()`.

    `without` are the capabilities that it does not offer, `more` is further lines of its config; whoever changes one
    of them between `stop` and `start` has what is different afterwards. In a mailbox an address with a detail
    ("support+x") ends where one without does.
    """

    def __init__(
        self, users: Sequence[str] = ("support",), password: str = PASSWORD, without: Sequence[str] = (), more: str = ""
    ) -> None:
        super().__init__(users, password)
        self.users = tuple(users)
        self.password = password
        self.without = tuple(without)
        self.more = more
        self.port, self.tls_port = unused_port(), unused_port()
        self._written = 0

    def configured(self) -> str:
        trusted = certificate()
        offers = " ".join(word for word in OFFERS if word not in self.without)
        return super().configured() + CONFIG.format(
            cert=trusted.cert,
            key=trusted.key,
            offers=f"imap_capability = {offers}" if self.without else "",
            port=self.port,
            tls_port=self.tls_port,
            more=self.more,
        )

    def deliver(self, raw: bytes, user: str = "support", folder: str = "INBOX", to: str = "") -> None:
        """By LMTP, as Postfix does, to the address `to` (else the user's name); into another folder by doveadm."""
        if folder != "INBOX":
            self.doveadm("save", "-u", user, "-m", folder, given=raw)
            return
        with smtplib.LMTP(str(self.lmtp)) as client:
            client.sendmail("customer@customer.example", [to or user], raw)

    def fill(
        self, raws: Iterable[bytes], user: str = "support", folder: str = "INBOX", at: datetime | None = None
    ) -> None:
        """Many at once, straight into the Maildir, also while it is stopped; `at` is their INTERNALDATE."""
        place = self._maildir(user, folder)
        for part in ("cur", "new", "tmp"):
            (place / part).mkdir(parents=True, exist_ok=True)
        self._give(place)
        began = time.time()
        for raw in raws:
            self._written += 1
            # Dovecot gives out UIDs in the order of the seconds and microseconds in these names.
            name = f"{int(began)}.M{self._written:06}P{os.getpid()}.test"
            path = place / "tmp" / name
            path.write_bytes(raw)
            shutil.chown(path, OWNER, OWNER)
            if at is not None:
                os.utime(path, (at.timestamp(), at.timestamp()))
            path.rename(place / "new" / name)

    def kick(self, user: str = "support") -> None:
        """Every connection of that user breaks, now."""
        self.doveadm("kick", user)

    def wipe(self, user: str = "support", folder: str = "INBOX") -> None:
        """The folder is deleted and made anew, empty: its UIDVALIDITY is another one."""
        place = self._maildir(user, folder)
        for part in ("cur", "new", "tmp"):
            shutil.rmtree(place / part, ignore_errors=True)
            (place / part).mkdir(parents=True, exist_ok=True)  # whoever reads it makes it, too
        self._give(place)
        self.renumber(user, folder)

    def renumber(self, user: str = "support", folder: str = "INBOX") -> None:
        """The same messages as after a restored backup: under another UIDVALIDITY, and with other UIDs."""
        before = self.uidvalidity(user, folder)
        place = self._maildir(user, folder)
        for path in [*place.glob("dovecot-uidlist*"), *place.glob("dovecot.index*")]:
            path.unlink()
        self.kick(user)
        assert self.uidvalidity(user, folder) != before

    def drop(self, folder: str, user: str = "support") -> None:
        """The folder is gone."""
        self.doveadm("mailbox", "delete", "-u", user, folder)

    def uidvalidity(self, user: str = "support", folder: str = "INBOX") -> int:
        said = self.doveadm("mailbox", "status", "-u", user, "uidvalidity", folder)
        return int(said.rpartition(b"=")[2])

    def count(self, user: str = "support", folder: str = "INBOX") -> int:
        """How many messages are there; 0 where there is no such folder. Counted on the disk, stopped or not."""
        place = self._maildir(user, folder)
        return sum(len(list((place / part).iterdir())) for part in ("cur", "new") if (place / part).is_dir())

    def messages(self, user: str = "support", folder: str = "INBOX") -> list[bytes]:
        """In the order of their UIDs."""
        return [found[b"BODY[]"] for found in self._fetched(user, folder, "BODY.PEEK[]").values()]

    def flags(self, user: str = "support", folder: str = "INBOX") -> dict[int, set[bytes]]:
        """By UID, without \\Recent."""
        fetched = self._fetched(user, folder, "FLAGS")
        return {uid: set(found[b"FLAGS"]) - {b"\\Recent"} for uid, found in fetched.items()}

    @contextmanager
    def client(self, user: str = "support") -> Iterator[IMAPClient]:
        """Another client of the same user, logged in."""
        with IMAPClient("127.0.0.1", self.port, ssl=False, timeout=20) as client:
            client.login(user, self.password)
            yield client

    def doveadm(self, *arguments: str, given: bytes = b"") -> bytes:
        command = ["doveadm", "-c", str(self.config), *arguments]
        ran = subprocess.run(command, input=given, capture_output=True, check=False, timeout=20)
        assert ran.returncode == 0 or arguments[0] == "kick", (arguments, ran.stderr)  # nobody there to be kicked
        return ran.stdout

    def stop(self) -> None:
        """Its ports refuse, and connections break; it would leave who is in IDLE alone for ten seconds."""
        group = self._process.pid
        super().stop()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)

    def start(self) -> None:
        super().start()
        until(self._greets, 10, self.logged, pause=0.01)

    def _greets(self) -> bool:
        try:
            IMAPClient("127.0.0.1", self.port, ssl=False, timeout=5).shutdown()
        except OSError:
            return False
        return True

    def _fetched(self, user: str, folder: str, what: str) -> dict[int, dict[bytes, object]]:
        with self.client(user) as client:
            client.select_folder(folder, readonly=True)
            uids = client.search()
            return dict(sorted(client.fetch(uids, [what]).items())) if uids else {}

    def _maildir(self, user: str, folder: str) -> Path:
        place = self.folder / "mail" / user
        return place if folder == "INBOX" else place / f".{folder}"

    def _give(self, place: Path) -> None:
        for path in (place, place / "cur", place / "new", place / "tmp", *place.parents):
            if path == self.folder / "mail":
                return
            shutil.chown(path, OWNER, OWNER)
