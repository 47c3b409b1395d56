"""One mail on an open wire, by SMTP or LMTP: from MAIL to the last answer after the final dot."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence

from ..core.retry import Reply
from .wire import CHUNK, Answer, DeliveryFault, Limits, Wire, spell, with_dots

log = logging.getLogger(__name__)

GROUP = 100  # commands in one write: their answers fit any socket buffer, so that neither side blocks (RFC 2920 §3.1)
GO_ON = 354
CLOSING = 421
LOGIN_WANTED = frozenset({530, 538})  # RFC 4954 §6, RFC 3207 §4: it is our config that is wrong, not this mail


class Transaction:
    """One mail on an open wire, from MAIL to the answer after the final dot.

    Afterwards `half_way` says that the server may still be inside it, `broken` that the wire is of no more use.
    """

    def __init__(self, wire: Wire, limits: Limits, *, half_way: bool, lmtp: bool = False) -> None:
        self._wire = wire
        self._limits = limits
        self._lmtp = lmtp
        self._begun = False
        self._after_data = False
        self.half_way = half_way
        self.broken = False

    def run(self, envelope_from: str, recipients: Sequence[str], raw: bytes) -> list[Reply]:
        utf8 = self._wire.has_extn("smtputf8")
        sender, trouble = spell(envelope_from, utf8=utf8) if envelope_from else ("", "")
        if trouble:
            return [Reply(address, "refused", f"the sender: {trouble}") for address in recipients]
        spelled = {address: spell(address, utf8=utf8) for address in recipients}
        replies = {address: Reply(address, "refused", why) for address, (_, why) in spelled.items() if why}
        to = {address: text for address, (text, why) in spelled.items() if not why}
        if to:
            opening = self._opening(sender, to.values(), raw)
            try:
                replies |= self._hand_over(opening, to, raw)
            except DeliveryFault as fault:
                fault.begun, fault.after_data = self._begun, self._after_data
                raise
        return [replies[address] for address in recipients]

    def _opening(self, sender: str, to: Iterable[str], raw: bytes) -> bytes:
        line = f"MAIL FROM:<{sender}>"
        if self._wire.has_extn("size"):
            line += f" SIZE={len(raw)}"
        if self._wire.has_extn("8bitmime") and not raw.isascii():  # without the offer it goes as it is: all take it
            line += " BODY=8BITMIME"
        if not sender.isascii() or not all(text.isascii() for text in to):  # only where the server offers it
            line += " SMTPUTF8"
        return line.encode()

    def _hand_over(self, opening: bytes, to: Mapping[str, str], raw: bytes) -> dict[str, Reply]:
        mail, rcpts, data = self._envelope(opening, [f"RCPT TO:<{text}>".encode() for text in to.values()])
        if not mail.ok:
            # A server that takes recipients after it refused the sender must not get the dot: it would send nothing
            # to them in our name.
            self._leave(data, empty=not any(rcpt.ok for rcpt in rcpts))
            return {address: mail.to(address) for address in to}
        replies = {address: rcpt.to(address) for address, rcpt in zip(to, rcpts, strict=True)}
        accepted = [address for address, reply in replies.items() if reply.verdict == "accepted"]
        if not accepted or data is None:
            self._leave(data, empty=True)
            return replies
        if data.ok:
            raise DeliveryFault(f"this is not SMTP: {data.line!r} to DATA")
        if data.code != GO_ON:
            self.half_way = True
            return replies | {address: data.to(address) for address in accepted}
        final = self._content(raw)
        self.half_way = False
        if self._lmtp:
            return replies | self._each(final, accepted)
        return replies | {address: final.to(address) for address in accepted}

    def _each(self, first: Answer, accepted: Sequence[str]) -> dict[str, Reply]:
        """LMTP answers for each recipient that it took, in their order (RFC 2033 §4.2). Who has an answer keeps it
        when the server is lost before the next one: only the others are tried again."""
        replies = {accepted[0]: first.to(accepted[0])}
        try:
            for address in accepted[1:]:
                replies[address] = self._final().to(address)
        except DeliveryFault as fault:
            log.warning("lost the mail server between its answers for one mail: %s; who got none is tried again", fault)
            self.broken = True
            return {address: Reply(address, "later", str(fault)) for address in accepted} | replies
        return replies

    def _envelope(self, opening: bytes, rcpts: list[bytes]) -> tuple[Answer, list[Answer], Answer | None]:
        """The answers to MAIL, to each RCPT and to DATA (None: there was no point in it)."""
        if not self._wire.has_extn("pipelining"):
            return self._step_by_step(opening, rcpts)
        commands = [*([b"RSET"] if self.half_way else []), opening, *rcpts, b"DATA"]
        answers: list[Answer] = []
        for start in range(0, len(commands), GROUP):
            group = commands[start : start + GROUP]
            self._wire.send(b"\r\n".join([*group, b""]))
            for command in group:
                answers.append(self._answer())
                self._look_at(command, opening, answers[-1])
        del answers[: len(answers) - len(rcpts) - 2]
        return answers[0], answers[1:-1], answers[-1]

    def _step_by_step(self, opening: bytes, rcpts: list[bytes]) -> tuple[Answer, list[Answer], Answer | None]:
        def ask(command: bytes) -> Answer:
            self._wire.send(command + b"\r\n")
            answer = self._answer()
            self._look_at(command, opening, answer)
            return answer

        if self.half_way:
            ask(b"RSET")
        mail = ask(opening)
        if not mail.ok:
            return mail, [], None
        answers = [ask(rcpt) for rcpt in rcpts]
        return mail, answers, ask(b"DATA") if any(answer.ok for answer in answers) else None

    def _look_at(self, command: bytes, opening: bytes, answer: Answer) -> None:
        """Notes how far the transaction is. DeliveryFault where the answer is about us and not about this mail."""
        if command == b"RSET" and not answer.ok:
            raise DeliveryFault(f"{answer.line} (to RSET)")
        if command is opening:
            if answer.code in LOGIN_WANTED:
                raise DeliveryFault(answer.line)
            self._begun = answer.ok

    def _leave(self, data: Answer | None, *, empty: bool) -> None:
        """Out of a transaction that nobody is left in; a server that waits for content gets none (RFC 2920 §3.1)."""
        self.half_way = True
        if data is None or data.code != GO_ON:
            return
        if not empty or self._lmtp:  # LMTP answers a lone dot for each recipient, so for nobody
            self.broken = True
            return
        try:
            self._wire.send(b".\r\n")
            self._answer()
        except DeliveryFault as fault:  # each recipient's answer is known already; only the wire is lost
            log.debug("lost the mail server after an empty transaction: %s", fault)
            self.broken = True

    def _content(self, raw: bytes) -> Answer:
        octets = memoryview(with_dots(raw))
        last = max(0, len(octets) - CHUNK)
        self._wire.send(octets[:last])
        self._after_data = True  # from here on the final dot may have arrived
        self._wire.send(octets[last:])
        return self._final()

    def _final(self) -> Answer:
        patience, self._wire.patience = self._wire.patience, self._limits.after_dot
        answer = self._answer()
        self._wire.patience = patience
        return answer

    def _answer(self) -> Answer:
        answer = self._wire.answer()
        self._after_data = False
        if answer.code == CLOSING:  # the one code that is not about the command
            raise DeliveryFault(answer.line)
        return answer
