"""The commands of one SMTP or LMTP session. Those that are not here are aiosmtpd's own."""

from __future__ import annotations

import asyncio
import logging

from . import login
from .content import Content
from .door import Door
from .smtp import CHUNK, LONGEST_COMMAND, Connection

log = logging.getLogger(__name__)


class Session(Connection):
    def __init__(self, door: Door, loop: asyncio.AbstractEventLoop, tls_at_once: bool = False) -> None:
        super().__init__(door, loop, tls_at_once)
        self._wrong_logins = 0
        absent = {"EXPN", *(("HELO", "EHLO") if door.options.lmtp else ("LHLO",))}
        if door.tls is None:
            absent.add("STARTTLS")
        if not door.logins:
            absent.add("AUTH")
        for verb in absent:
            del self._smtp_methods[verb]

    async def check_helo_needed(self, _helo: str = "") -> bool:
        assert self.session is not None
        if not self.session.host_name:
            await self.push(f"503 5.5.1 send {'LHLO' if self.door.options.lmtp else 'EHLO'} first")
            return True
        return False

    async def smtp_EHLO(self, hostname: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        if not hostname:
            await self.push(f"501 5.5.4 Syntax: {'LHLO' if self.door.options.lmtp else 'EHLO'} hostname")
            return
        self._set_rset_state()  # type: ignore[no-untyped-call]  # aiosmtpd wrote no types here
        assert self.session is not None
        self.session.extended_smtp = True
        self.session.host_name = hostname
        offers = [f"SIZE {self.data_size_limit}", "8BITMIME", "SMTPUTF8", "PIPELINING", "ENHANCEDSTATUSCODES"]
        if self.door.tls and not self.secure:
            offers.append("STARTTLS")
        if self.door.logins and self.secure:
            offers.append(f"AUTH {' '.join(login.MECHANISMS)}")
        await self.push("".join(f"250-{word}\r\n" for word in [self.hostname, *offers]) + "250 HELP")

    async def smtp_LHLO(self, hostname: str | None) -> None:  # noqa: N802 - aiosmtpd's naming
        await self.smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        if self.secure:
            await self.push("503 5.5.1 this is TLS already")
        elif arg:
            await self.push("501 5.5.4 Syntax: STARTTLS")
        else:
            await self.push("220 2.0.0 begin TLS")
            await self._begin_tls()

    async def smtp_AUTH(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        words = (arg or "").split()
        if refused := self._no_login(words):
            await self.push(refused)
            return
        try:
            self.door.logins.admit(self.peer)
            claim = await login.claim(words[0].upper(), words[1] if len(words) > 1 else None, self._ask)
            self.agent = await self.door.logins.agent(claim, self.peer)
        except login.AuthError as error:
            await self.push(str(error))
        except login.GuessedError as error:
            await self._not_logged_in(str(error))
        else:
            if self.agent:
                await self.push("235 2.7.0 welcome")
                return
            # Not the name: a hurried person types the password there.
            log.warning("a login from %s was refused: no such agent, or another password", login.shown(self.peer))
            await self._not_logged_in("535 5.7.8 no agent has this name and password")

    async def _not_logged_in(self, reply: str) -> None:
        self._wrong_logins += 1
        await asyncio.sleep(self.door.options.login_pause)
        await self.push(reply)
        if self._wrong_logins >= self.door.options.max_logins:
            self.hang_up("421 4.7.0 too many wrong logins, good-bye")

    def _no_login(self, words: list[str]) -> str:
        """Why AUTH does not begin now, as the reply; "" where it may."""
        assert self.session is not None
        assert self.envelope is not None
        faults = (
            (not self.secure, "538 5.7.11 begin TLS first"),
            (not self.session.host_name or not self.session.extended_smtp, "503 5.5.1 send EHLO first"),
            (self.agent, "503 5.5.1 logged in already"),
            (self.envelope.mail_from, "503 5.5.1 not in the middle of a mail"),
            (len(words) not in {1, 2}, "501 5.5.4 Syntax: AUTH mechanism [initial-response]"),
            (words[:1] and words[0].upper() not in login.MECHANISMS, "504 5.5.4 no such mechanism"),
        )
        return next((reply for wrong, reply in faults if wrong), "")

    async def _ask(self, challenge: str) -> str:
        await self.push(f"334 {challenge}")
        line = await self._command()
        self._reset_timeout()
        if len(line) > LONGEST_COMMAND:
            raise login.AuthError("500 5.5.6 the line is too long")
        return line

    async def smtp_VRFY(self, _arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        await self.push("252 2.5.0 send a mail and see")

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        if self.door.options.require_tls and not self.secure:
            await self.push("530 5.7.0 begin TLS first: STARTTLS")
            return
        await super().smtp_MAIL(arg)

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        if await self.check_helo_needed():
            return
        assert self.envelope is not None
        if not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 need RCPT command")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        self.busy = True
        try:
            await self.push("354 end with <CR><LF>.<CR><LF>")
            reply = await self._take()
            for _ in self.envelope.rcpt_tos if self.door.options.lmtp else ("all",):  # RFC 2033: one for each of them
                await self.push(reply)
        finally:
            self.busy = False
            self._set_post_data_state()  # type: ignore[no-untyped-call]  # nor here

    async def _take(self) -> str:
        """Read the content to its end and hand it on; the reply."""
        content = Content(self.door.options.max_message_size)
        held = 0
        full = False
        deadline = self.loop.time() + self.door.options.data_timeout
        try:
            while True:
                chunk = await self._reader.read(CHUNK)
                if not chunk:
                    raise ConnectionResetError("the client left in the middle of a mail")
                self._reset_timeout()
                rest = content.feed(chunk)
                self.door.held += content.size - held
                held = content.size
                if self.door.held > self.door.memory and not content.too_big:
                    full = True
                    content.drop()
                if rest is not None:
                    break
                if self.loop.time() > deadline:
                    self.hang_up("421 4.4.2 the mail took too long, good-bye")
                    raise ConnectionAbortedError("the mail took too long")
            self._buffer[:0] = rest  # pipelined commands go back to where they are looked for
            if full:
                return "452 4.3.1 too many large mails at the moment, try again later"
            if content.too_big:
                return f"552 5.3.4 the mail is too big, {self.data_size_limit} octets are taken"
            assert self.envelope is not None
            self.envelope.content = content.value()
            del content  # its buffer is the mail's
            return str(await self._call_handler_hook("DATA"))
        finally:
            self.door.held -= held
