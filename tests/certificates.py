"""A certificate for the door of a test, made once a run, and what a client needs to believe it."""

from __future__ import annotations

import atexit
import functools
import shutil
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path

import trustme

NAME = "mx.acme.example"


@dataclass(frozen=True)
class Certificate:
    cert: Path
    key: Path
    ca: Path

    def client(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca))


@functools.cache
def certificate() -> Certificate:
    folder = Path(tempfile.mkdtemp(prefix="mailticket-certificate-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = Certificate(folder / "cert.pem", folder / "key.pem", folder / "ca.pem")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(made.ca))
    issued = authority.issue_cert(NAME, "127.0.0.1")
    issued.private_key_pem.write_to_path(str(made.key))
    for number, part in enumerate(issued.cert_chain_pems):
        part.write_to_path(str(made.cert), append=number > 0)
    return made
