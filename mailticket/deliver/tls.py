"""TLS on the wire to the mail server: its certificate has to be good, and what is wrong with it is said in words."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

from .wire import DISTRUST, DeliveryFault, words

_ASK_CA = "write the file of who signs it as [delivery] ca"
_ASK_NAME = "write the name that it is for in [delivery] url"
# OpenSSL's verify codes (x509_vfy.h) and what an admin can do.
_WHAT_TO_DO = {
    9: "is this machine's clock right?",
    10: "it has to be renewed there",
    18: _ASK_CA,
    19: _ASK_CA,
    20: _ASK_CA,
    21: _ASK_CA,
    62: _ASK_NAME,
    64: _ASK_NAME,
}
_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "UNEXPECTED_MESSAGE"})


def handshake(sock: socket.socket, host: str, ca: Path | None) -> ssl.SSLSocket:
    """The same connection with TLS around it, to a server that has proved to be `host`."""
    context = _context(ca)
    try:
        return context.wrap_socket(sock, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        advice = _WHAT_TO_DO.get(error.verify_code, "it has to be mended there")
        told = f"the certificate of {host} is not good: {error.verify_message.rstrip('.')}; {advice}"
        raise DeliveryFault(told, verb=DISTRUST) from error
    except ssl.SSLError as error:
        reason = error.reason or words(error)
        if reason in _NO_TLS:
            told = "it speaks no TLS at this port; smtps:// is for port 465, smtp+starttls:// for 587"
        else:
            told = f"TLS failed: {reason.replace('_', ' ').lower()}"
        raise DeliveryFault(told) from error
    except TimeoutError as error:
        raise DeliveryFault("no answer to TLS in time") from error
    except (OSError, ValueError) as error:  # ValueError: a name that no certificate can be for
        raise DeliveryFault(f"TLS failed: {words(error)}") from error


def _context(ca: Path | None) -> ssl.SSLContext:
    """Made for each connection: a CA's file may be renewed while we run."""
    try:
        return ssl.create_default_context(cafile=ca)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        what = "holds no certificate (PEM)" if isinstance(error, ssl.SSLError) else words(error)
        raise DeliveryFault(f"[delivery] ca {ca}: {what}", verb="cannot be checked") from error
