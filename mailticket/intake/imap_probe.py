"""Whether a mailbox can be read, for `check --connect`: it is opened, and nothing in it is touched."""

from __future__ import annotations

from ..errors import MailticketError
from ..settings import Imap
from .imap import Limits, Session
from .imap_login import Login, TokenSource
from .imap_wire import Cord


def probe(box: Imap, tokens: TokenSource | None, limits: Limits) -> str:
    """What it says when it is met, in one line; MailticketError with one that says why it cannot be read."""
    try:
        session = Session(box, Login(box, tokens), limits, Cord())
        try:
            found = session.select(readonly=True)
        finally:
            session.close()
    except MailticketError as error:
        raise MailticketError(f"the mailbox {box.name} cannot be read: {error}") from error
    mails = f"{found.exists} mail{'' if found.exists == 1 else 's'}"
    where = f"the mailbox {box.name} ({box.host}:{box.port})"
    return f"{where} answers: logged in as {box.username}, {mails} in {box.folder}, it has {session.described}"
