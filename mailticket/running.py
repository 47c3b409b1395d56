"""The daemon: the parent of all its processes, and what a changed config must be before they get it."""

from __future__ import annotations

import logging
import os
import signal
from pathlib import Path

from . import logs, service
from .config import load
from .errors import UsageError
from .intake import tls
from .settings import Settings
from .store.db import open_or_create
from .store.files import exposed
from .supervisor import Supervisor

log = logging.getLogger(__name__)


def run(settings: Settings) -> None:
    """The daemon, until SIGTERM or SIGINT; SIGHUP has it read its config again."""
    logs.start("run")
    for warning in settings.warnings:
        log.warning("%s", warning)
    with open_or_create(settings.database):
        pass  # a database that cannot be used is better told now, in one line
    if warning := exposed(settings.database):
        log.warning("%s", warning)
    supervisor = Supervisor(settings, lambda: _read_again(settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, supervisor.stop.note)
    signal.signal(signal.SIGHUP, supervisor.reload.note)
    supervisor.run()


def _read_again(settings: Settings) -> Settings:
    """The config as it is now, with a certificate that can be used: nobody starts with what is wrong."""
    found = load(settings.path, os.environ, service.clock().date())
    listeners = (*(found.smtp.listen if found.smtp else ()), *(found.lmtp.listen if found.lmtp else ()))
    for where in listeners:
        if where.startswith("unix:") and not Path(where.removeprefix("unix:")).parent.is_dir():
            raise UsageError(f"{found.path}: {where}: its folder is not there")
    if found.smtp and found.smtp.tls_cert:
        tls.context(found.smtp.tls_cert, found.smtp.tls_key or found.smtp.tls_cert)
    return found
