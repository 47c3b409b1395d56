"""One connection to the scripted IMAP server: what its script says, and what an ordinary server does."""

from __future__ import annotations

import base64
import contextlib
import re
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fakes.imapfolder import Folder

if TYPE_CHECKING:
    from fakes.imapserver import ScriptedImap

DROP = "drop"  # the connection breaks
SILENCE = "silence"  # nothing more is answered on it, whatever comes
LINE = "line"  # wait for the client's next line
ORDINARY = "ordinary"  # what it would have done without a script
OK = b"{tag} OK done\r\n"


@dataclass(frozen=True)
class Drip:
    """`first` in one packet, and then one octet every 20 ms, for ever."""

    first: bytes
    octet: bytes = b"x"


Step = bytes | float | str | Drip  # octets in one packet ("{tag}" is filled in), seconds to wait, a word from above


class Dialogue:
    """One connection."""

    def __init__(self, server: ScriptedImap, client: socket.socket) -> None:
        self.server = server
        self.client = client
        self.reader = client.makefile("rb")
        self.selected: Folder | None = None
        self.idling = False
        self.told = 0
        self.tag = "*"

    def run(self) -> None:
        self.follow("greeting")
        while True:
            self.tag, _, command = self.line(tagged=True).partition(" ")
            self.follow(command)
            if command.upper() == "LOGOUT":
                return

    def follow(self, command: str) -> None:
        for step in self.server.steps(command):
            if step == DROP:
                raise EOFError
            if step == SILENCE:
                while self.line():
                    pass
            elif step == LINE:
                self.line()
            elif step == ORDINARY:
                self.ordinary(command)
            elif isinstance(step, Drip):
                self.drip(step)
            elif isinstance(step, bytes):
                self.send(step.replace(b"{tag}", self.tag.encode()))
            else:
                time.sleep(step)

    def ordinary(self, command: str) -> None:
        if command == "greeting":
            self.send(f"* OK [CAPABILITY {' '.join(self.server.offers)}] scripted\r\n".encode())
            return
        verb, _, rest = command.partition(" ")
        if verb.upper() == "UID":
            verb, _, rest = rest.partition(" ")
            verb = f"uid_{verb}"
        do = getattr(self, f"do_{verb.lower()}", self.do_other)
        # Those two wait for the client, and a test goes on meanwhile.
        held = contextlib.nullcontext() if verb.upper() in {"IDLE", "AUTHENTICATE"} else self.server.lock
        with held:
            said = do(rest)
            self.send(f"{self.tag} {said}\r\n".encode())

    def line(self, *, tagged: bool = False) -> str:
        """The client's next line, written down without its tag."""
        line = self.reader.readline().decode(errors="replace")
        if not line:
            raise EOFError
        line = line.rstrip("\r\n")
        self.server.commands.append(line.partition(" ")[2] if tagged else line)
        return line

    def send(self, said: bytes) -> None:
        if not self.server.silent:
            self.client.sendall(said)

    def drip(self, step: Drip) -> None:
        self.send(step.first)
        while True:
            time.sleep(0.02)
            self.send(step.octet)

    def tell_exists(self) -> None:
        """Where it is not what the client heard last."""
        count = len(self.selected.messages)
        if count != self.told:
            self.send(b"* %d EXISTS\r\n" % count)
            self.told = count

    def do_capability(self, _rest: str) -> str:
        self.send(f"* CAPABILITY {' '.join(self.server.offers)}\r\n".encode())
        return "OK done"

    def do_login(self, rest: str) -> str:
        if "LOGINDISABLED" in self.server.offers:
            return "NO [PRIVACYREQUIRED] not without TLS"
        return self.let_in(words(rest)[1] == self.server.password)

    def do_authenticate(self, rest: str) -> str:
        """Good when the password is somewhere in what the client says; that is in `commands`, decoded."""
        way, _, first = rest.partition(" ")
        if f"AUTH={way.upper()}" not in self.server.offers:
            return "NO unknown mechanism"
        if not first:
            self.send(b"+ \r\n")
            first = self.line()
        said = base64.b64decode(first).decode()
        self.server.commands.append(f"AUTH {said}")
        if self.server.password not in said and way.upper() != "PLAIN":
            self.send(b"+ %s\r\n" % base64.b64encode(b'{"status":"400","schemes":"Bearer"}'))
            self.line()
        return self.let_in(self.server.password in said)

    def let_in(self, right: bool) -> str:
        return "OK come in" if right else "NO [AUTHENTICATIONFAILED] Authentication failed."

    def do_select(self, rest: str) -> str:
        self.selected = self.server.folders.get(words(rest)[0])
        if self.selected is None:
            return f"NO Mailbox doesn't exist: {rest}"
        self.told = len(self.selected.messages)
        said = f"* {self.told} EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen \\Deleted)\r\n"
        said += f"* OK [UIDVALIDITY {self.selected.uidvalidity}] valid\r\n"
        if self.selected.uidnext is not None:
            said += f"* OK [UIDNEXT {self.selected.uidnext}] next\r\n"
        self.send(said.encode())
        return "OK [READ-WRITE] selected"

    def do_examine(self, rest: str) -> str:
        return self.do_select(rest).replace("READ-WRITE", "READ-ONLY")

    def do_create(self, rest: str) -> str:
        if words(rest)[0] in self.server.folders:
            return "NO [ALREADYEXISTS] it is there"
        self.server.folders[words(rest)[0]] = Folder()
        return "OK created"

    def do_uid_search(self, rest: str) -> str:
        found = "".join(f" {uid}" for uid in self.selected.search(rest))
        self.send(f"* SEARCH{found}\r\n".encode())
        return "OK searched"

    def do_uid_fetch(self, rest: str) -> str:
        uids, _, items = rest.partition(" ")
        for uid in self.selected.uids(uids):
            self.send(self.selected.fetched(uid, items))
        return "OK fetched"

    def do_uid_store(self, rest: str) -> str:
        uids, how, flags = rest.split(" ", 2)
        for uid in self.selected.uids(uids):
            self.selected.store(uid, how, flags.strip("()").split())
            if "SILENT" not in how.upper():
                self.send(self.selected.fetched(uid, "FLAGS"))
        return "OK stored"

    def do_uid_copy(self, rest: str) -> str:
        uids, name = words(rest)
        if name not in self.server.folders:
            return f"NO [TRYCREATE] Mailbox doesn't exist: {name}"
        for uid in self.selected.uids(uids):
            kept = self.selected.messages[uid]
            self.server.folders[name].add(kept.raw, kept.at, kept.flags)
        return "OK copied"

    def do_uid_move(self, rest: str) -> str:
        if "MOVE" not in self.server.offers:
            return self.do_other(rest)
        said = self.do_uid_copy(rest)
        if said.startswith("OK"):
            self.send(self.selected.expunge(self.selected.uids(words(rest)[0])))
        return said

    def do_uid_expunge(self, rest: str) -> str:
        if "UIDPLUS" not in self.server.offers:
            return self.do_other(rest)
        return self.do_expunge(rest)

    def do_expunge(self, rest: str) -> str:
        gone = [uid for uid in self.selected.uids(rest or "1:*") if "\\Deleted" in self.selected.messages[uid].flags]
        self.send(self.selected.expunge(gone))
        return "OK expunged"

    def do_idle(self, rest: str) -> str:
        if "IDLE" not in self.server.offers:
            return self.do_other(rest)
        with self.server.lock:
            self.send(b"+ idling\r\n")
            self.tell_exists()
            self.idling = True
        said = self.line()
        with self.server.lock:
            self.idling = False
        return "OK done" if said.upper() == "DONE" else "BAD expected DONE"

    def do_noop(self, _rest: str) -> str:
        if self.selected is not None:
            self.tell_exists()
        return "OK done"

    def do_close(self, _rest: str) -> str:
        self.selected = None
        return "OK closed"

    def do_logout(self, _rest: str) -> str:
        self.send(b"* BYE logging out\r\n")
        return "OK bye"

    def do_other(self, _rest: str) -> str:
        return "BAD unknown command"


def words(rest: str) -> list[str]:
    """Atoms and quoted strings."""
    found = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', rest)
    return [re.sub(r"\\(.)", r"\1", quoted) if quoted else atom for quoted, atom in found]
