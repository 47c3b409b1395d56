"""The door process: listeners, the batcher and inbox inserts, and nothing else, so that 250 never waits for work."""

from __future__ import annotations

import asyncio
import signal
import sys
from concurrent.futures import Future

from . import service
from .core.types import RawMail
from .errors import MailticketError
from .intake.door import DoorOptions
from .intake.smtp import serve
from .settings import Settings
from .store import inbox
from .store.batcher import Batcher
from .store.db import Db, open_or_create

GRACE = 20.0  # seconds for clients that are handing over a mail when we stop


def options(settings: Settings) -> DoorOptions:
    if settings.smtp is None:
        raise MailticketError("the config has no [smtp] table, so there is nothing to listen on")
    return DoorOptions(
        listen=settings.smtp.listen,
        max_message_size=settings.smtp.max_message_size,
        hostname=settings.policy.hostname,
        policy=settings.policy,
    )


async def listen(settings: Settings, db: Db) -> None:
    """Serve until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    batcher: Batcher[RawMail, int] = Batcher(
        lambda mails: [accepted.id for accepted in inbox.accept(db, mails)],
        name="accept",
        limit=256,
        weigh=lambda mail: len(mail.raw),
    )

    def accept(mail: RawMail) -> Future[int]:
        return batcher.submit(mail)

    listener = await serve(options(settings), accept, service.clock)
    where = ", ".join(f"{host}:{port}" if port else host for host, port in listener.addresses)
    service.say(f"listening on {where}")
    await stop.wait()
    await listener.stop(GRACE)
    batcher.close()


def work(settings: Settings) -> None:
    with open_or_create(settings.database) as db:
        asyncio.run(listen(settings, db))


if __name__ == "__main__":
    sys.exit(service.child("door", work))
