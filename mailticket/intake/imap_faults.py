"""What can go wrong with a mailbox, each in one line that says what to do."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from ..core.tls_words import certificate_told, handshake_told
from ..errors import MailticketError

_END = "socket error: EOF"  # as imaplib calls it
_TOOK = re.compile(r" \(\d+\.\d+(?: \+ \d+\.\d+)* secs\)")  # Dovecot's, another number each time
LONGEST = 300  # characters of what a server says
_ASK_CA = "write the file of who signs it as `ca` of the mailbox"
_ASK_NAME = "write the name that it is for as `host`"


class MailboxError(MailticketError):
    """The mailbox cannot be read now; another connection may do better."""


class DroppedError(MailboxError):
    """The connection is over: the server ended it, or does not answer any more."""


class RefusedError(MailboxError):
    """The server said no to one command; the connection is as good as before."""


class GoneError(MailboxError):
    """A mail that was asked for was not handed out."""


class StoppedError(Exception):
    """We were told to end."""


def one_line(text: object) -> str:
    """What a server said, fit for a log: one line, printable, and not too long."""
    words = " ".join(_TOOK.sub("", str(text)).split())
    shown = "".join(c if c.isprintable() else "?" for c in words)
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"


@contextmanager
def told(host: str, port: int, what: str) -> Iterator[None]:
    """Whatever goes wrong while we do `what` there comes out as a MailboxError."""
    place = f"{host}:{port}"
    try:
        yield
    except MailboxError:
        raise
    except imaplib.IMAP4.abort as error:
        said = one_line(error)
        why = "" if said.endswith(_END) else f": {said}"
        raise DroppedError(f"{place} ended the connection ({what}){why}") from error
    except imaplib.IMAP4.error as error:
        raise RefusedError(f"{place} refuses {what}: {one_line(error)}") from error
    except ssl.SSLCertVerificationError as error:
        raise MailboxError(_certificate_told(host, error)) from error
    except ssl.SSLError as error:
        raise DroppedError(f"{place}: {_tls_told(port, error)}") from error
    except TimeoutError as error:
        raise DroppedError(f"{place} does not answer ({what})") from error
    except (BrokenPipeError, ConnectionResetError, ConnectionAbortedError) as error:
        raise DroppedError(f"{place} ended the connection ({what})") from error
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise DroppedError(f"{place} cannot be reached ({what}): {one_line(reason)}") from error
    except (ValueError, TypeError, LookupError, AttributeError, AssertionError) as error:
        # imapclient's parser; and imaplib, once its socket is gone.
        raise DroppedError(f"{place} says what cannot be understood ({what}): {one_line(error)}") from error


def _certificate_told(host: str, error: ssl.SSLCertVerificationError) -> str:
    return certificate_told(host, error.verify_code, error.verify_message, ca=_ASK_CA, name=_ASK_NAME)


def _tls_told(port: int, error: ssl.SSLError) -> str:
    no_tls = f'it speaks no TLS at port {port}; tls = "implicit" is for port 993, "starttls" for 143'
    return handshake_told(error.reason or one_line(error), no_tls=no_tls)
