"""TLS on the wire to the mail server: its certificate has to be good, and what is wrong with it is said in words."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

from ..core.tls_words import certificate_told, handshake_told
from .wire import DISTRUST, DeliveryFault, words

_ASK_CA = "write the file of who signs it as [delivery] ca"
_ASK_NAME = "write the name that it is for in [delivery] url"


def handshake(sock: socket.socket, host: str, ca: Path | None) -> ssl.SSLSocket:
    """The same connection with TLS around it, to a server that has proved to be `host`."""
    context = _context(ca)
    try:
        return context.wrap_socket(sock, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        told = certificate_told(host, error.verify_code, error.verify_message, ca=_ASK_CA, name=_ASK_NAME)
        raise DeliveryFault(told, verb=DISTRUST) from error
    except ssl.SSLError as error:
        no_tls = "it speaks no TLS at this port; smtps:// is for port 465, smtp+starttls:// for 587"
        raise DeliveryFault(handshake_told(error.reason or words(error), no_tls=no_tls)) from error
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
