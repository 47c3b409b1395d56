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
from .intake.listen import serve
from .settings import Settings
from .store import inbox
from .store.batcher import Batcher
from .store.db import Db, open_or_create

GRACE = 20.0  # seconds for clients that are handing over a mail when we stop


def options(settings: Settings) -> list[DoorOptions]:
    """The doors: one for SMTP, one for LMTP, each where the config has it."""
    policy, doors = settings.policy, list[DoorOptions]()
    if smtp := settings.smtp:
        doors.append(
            DoorOptions(
                listen=smtp.listen,
                max_message_size=smtp.max_message_size,
                hostname=policy.hostname,
                policy=policy,
                tls_cert=smtp.tls_cert,
                tls_key=smtp.tls_key,
                require_tls=smtp.require_tls,
                proxy_protocol=smtp.proxy_protocol,
                logins=settings.logins,
            )
        )
    if lmtp := settings.lmtp:
        doors.append(
            DoorOptions(
                listen=lmtp.listen,
                max_message_size=lmtp.max_message_size,
                hostname=policy.hostname,
                policy=policy,
                lmtp=True,
            )
        )
    if not doors:
        raise MailticketError("the config has neither [smtp] nor [lmtp], so there is nothing to listen on")
    return doors


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

    listeners = [await serve(door, accept, service.clock) for door in options(settings)]
    addresses = [address for listener in listeners for address in listener.addresses]
    where = ", ".join(f"{host}:{port}" if port else host for host, port in addresses)
    service.say(f"listening on {where}")
    await stop.wait()
    await asyncio.gather(*(listener.stop(GRACE) for listener in listeners))
    batcher.close()


def work(settings: Settings) -> None:
    with open_or_create(settings.database) as db:
        asyncio.run(listen(settings, db))


if __name__ == "__main__":
    sys.exit(service.child("door", work))
