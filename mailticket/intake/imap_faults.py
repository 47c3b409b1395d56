"""What can go wrong with a mailbox, each in one line that says what to do."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import MailticketError

_LONGEST = 300  # characters of what a server says
# OpenSSL's verify codes (x509_vfy.h) and what an admin can do.
_ASK_CA = "write the file of who signs it as `ca` of the mailbox"
_CERTIFICATE = {
    9: "is this machine's clock right?",
    10: "it has to be renewed there",
    18: _ASK_CA,
    19: _ASK_CA,
    20: _ASK_CA,
    21: _ASK_CA,
    62: "write the name that it is for as `host`",
    64: "write the name that it is for as `host`",
}
_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "UNEXPECTED_MESSAGE"})


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
    words = " ".join(str(text).split())
    shown = "".join(c if c.isprintable() else "?" for c in words)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


@contextmanager
def told(host: str, port: int, what: str) -> Iterator[None]:
    """Whatever goes wrong while we do `what` there comes out as a MailboxError."""
    place = f"{host}:{port}"
    try:
        yield
    except MailboxError:
        raise
    except imaplib.IMAP4.abort as error:
        raise DroppedError(f"{place} ended the connection ({what}): {one_line(error)}") from error
    except imaplib.IMAP4.error as error:
        raise RefusedError(f"{place} refuses {what}: {one_line(error)}") from error
    except ssl.SSLCertVerificationError as error:
        raise MailboxError(_certificate_told(host, error)) from error
    except ssl.SSLError as error:
        raise DroppedError(f"{place}: {_tls_told(port, error)}") from error
    except TimeoutError as error:
        raise DroppedError(f"{place} does not answer ({what})") from error
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise DroppedError(f"{place} cannot be reached ({what}): {one_line(reason)}") from error
    except (ValueError, TypeError, LookupError, AttributeError, AssertionError) as error:
        # imapclient's parser; and imaplib, once its socket is gone.
        raise DroppedError(f"{place} says what cannot be understood ({what}): {one_line(error)}") from error


def _certificate_told(host: str, error: ssl.SSLCertVerificationError) -> str:
    advice = _CERTIFICATE.get(error.verify_code, "it has to be mended there")
    return f"the certificate of {host} is not good: {error.verify_message.rstrip('.')}; {advice}"


def _tls_told(port: int, error: ssl.SSLError) -> str:
    if error.reason in _NO_TLS:
        return f'it speaks no TLS at port {port}; tls = "implicit" is for port 993, "starttls" for 143'
    return f"TLS failed: {(error.reason or one_line(error)).replace('_', ' ').lower()}"
