"""TLS for the door: the certificate as it is on disk, and the change of a running connection to TLS."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

from ..errors import UsageError

HANDSHAKE_TIME = 30.0  # seconds


def context(cert: Path, key: Path) -> ssl.SSLContext:
    """UsageError where they cannot be used, in one line. It reads the files now: a new certificate takes a reload."""
    for name, path in (("tls_cert", cert), ("tls_key", key)):
        try:
            path.open("rb").close()
        except OSError as error:
            raise UsageError(f"[smtp] {name}: {path} cannot be read: {error.strerror or error}") from None
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.options |= ssl.OP_NO_RENEGOTIATION
    try:
        made.load_cert_chain(cert, key, password="")  # with None it asks for one at the terminal
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise UsageError(f"[smtp] tls_key: {key} is not the key of {cert}") from None
        words = "need a certificate and its key as PEM, the key without a password"
        raise UsageError(
            f"[smtp] tls_cert: {cert} and {key} cannot be used: {words} ({error.reason or error})"
        ) from None
    return made


async def begin(
    transport: asyncio.WriteTransport, protocol: asyncio.Protocol, context: ssl.SSLContext, early: bytes
) -> asyncio.Transport:
    """The transport that stands for this one from now on. `early` is what the client has sent of its handshake.

    Raises OSError where the handshake fails. `protocol.connection_lost` is then not always called.
    """
    loop = asyncio.get_running_loop()
    if early:
        # It runs between the change of protocol, which start_tls makes at once, and the handshake, which it puts off.
        loop.call_soon(lambda: transport.get_protocol()._incoming.write(early))  # type: ignore[attr-defined]  # noqa: SLF001 - asyncio has no way to hand over what was read too far
    made = await loop.start_tls(transport, protocol, context, server_side=True, ssl_handshake_timeout=HANDSHAKE_TIME)
    if made is None:
        raise ConnectionAbortedError("the client left during the handshake")
    return made
