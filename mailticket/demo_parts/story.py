"""The story in eight steps: who writes, what the desk has to send then, and what it did and why."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage

from ..errors import MailticketError
from ..store import face, queues
from ..store.db import Db
from ..store.face import Json
from . import checks
from .cast import (
    ANNA,
    ANSWER,
    AWAY,
    DESK,
    FORGED,
    FORGER,
    LOG,
    LOG_NAME,
    MARIA,
    PETR,
    QUESTION,
    SECOND_ANSWER,
    THANKS,
    MailProgram,
    Player,
)
from .checks import demand
from .daemon import Daemon
from .sink import Sent, Sink
from .tell import Teller

PATIENCE = 15.0  # seconds that each mail may take
_SLICE = 0.25
_LOOK_EVERY = 0.02
_TICKET = 1
_PREFIX = "ACME"
_TAG = f"[{_PREFIX}-{_TICKET}]"


class Story:
    """Plays it on a running daemon, which listens on `port` and works on `db`."""

    def __init__(
        self, daemon: Daemon, sink: Sink, db: Db, port: int, tell: Teller, clock: Callable[[], datetime]
    ) -> None:
        self._daemon, self._sink, self._db, self._port, self._tell = daemon, sink, db, port, tell
        self._maria, self._anna = MailProgram(MARIA, clock), MailProgram(ANNA, clock)
        self._for_maria, self._for_anna, self._for_petr = list[Sent](), list[Sent](), list[Sent]()

    def play(self) -> Json:
        """All eight steps; the ticket at the end. MailticketError where the desk does not do what is told here."""
        question = self._asks()
        self._is_acknowledged(question)
        self._is_assigned(question)
        self._is_answered(question)
        self._is_forged()
        self._writes_by_tag()
        self._is_away()
        self._is_resolved()
        self._nothing_else()
        return self._ticket()

    def _asks(self) -> EmailMessage:
        self._tell.head("1. Maria asks for help")
        mail = self._maria.new(DESK, "Our printer asks for paper", QUESTION)
        mail.add_attachment(LOG, "text", "plain", filename=LOG_NAME)
        self._send(self._maria, mail)
        self._tell.mail(mail, "Maria's question", QUESTION)
        self._tell.desk(f"""The desk said "250" to it only when it was safe on disk. Then it became ticket {_TAG}:
            everything that belongs to this request will carry that tag, and stay together.""")
        return mail

    def _is_acknowledged(self, question: EmailMessage) -> None:
        self._tell.head("2. The desk tells Maria that it has it, and when she can expect an answer")
        sent = self._expect("the acknowledgement", MARIA)
        checks.automatic(sent, "the acknowledgement", "auto-replied")
        checks.answers(sent, "the acknowledgement", question["Message-ID"])
        checks.says(sent, "the acknowledgement", _TAG, "1 attachment", "expected by")
        checks.says_nothing_of(sent, "the acknowledgement", MARIA.name, str(question["Subject"]), LOG_NAME)
        demand(sent.sender == "", "the acknowledgement has a return address")
        self._told(sent, "the acknowledgement", leave_out=("Reply-To", "References"))
        self._tell.desk("""The time counts Acme's opening hours and the holidays of its country. The desk wrote this
            by itself and says so: Auto-Submitted, and no return address, so that no two machines ever answer
            each other. Maria is new and has proved nothing, so it repeats none of her words, and nobody can make
            the desk send theirs to strangers.""")

    def _is_assigned(self, question: EmailMessage) -> None:
        self._tell.head("3. One agent gets the ticket")
        sent = self._expect("the assignment", ANNA)
        checks.automatic(sent, "the assignment", "auto-generated")
        checks.says(sent, "the assignment", QUESTION, MARIA.mailbox, LOG_NAME)
        files = [(part.get_filename(), part.get_payload(decode=True)) for part in sent.mail.iter_attachments()]
        demand(files == [(LOG_NAME, LOG)], "the assignment has not Maria's attachment as she sent it")
        demand(question["Message-ID"] not in sent.readable, "the assignment shows the customer's Message-ID")
        self._told(sent, "the assignment", leave_out=("References",), most=20)
        self._tell.desk("""Anna and Petr were equally free; whoever has the fewest open tickets is next. Reply-To and
            Message-ID are signed and were sent to Anna alone, so a plain reply from her own mail program proves
            itself.""")

    def _is_answered(self, question: EmailMessage) -> None:
        self._tell.head("4. Anna answers, by a plain reply")
        reply = self._anna.reply(self._for_anna[-1], ANSWER)
        self._send(self._anna, reply)
        self._tell.mail(reply, "Anna's reply", str(reply.get_content()), leave_out=("Message-ID", "References"))
        self._tell.line("   Maria receives:\n")
        sent = self._answer(question["Message-ID"], ANSWER)
        self._told(sent, "the answer", leave_out=("Reply-To",))
        self._tell.desk("""Maria gets Anna's words under Anna's name, from the support address, below her own question.
            Behind stay the quoted assignment, Anna's address and her signed references. The ticket is pending now:
            it is Maria's turn.""")
        self._tell.line("   Anna receives, at once:\n")
        receipt = self._receipt(MARIA.mailbox, "is pending now")
        self._told(receipt, "the receipt", leave_out=("Reply-To", "Message-ID", "References"))
        self._status("pending")

    def _is_forged(self) -> None:
        self._tell.head("5. Somebody else writes to Maria in Anna's name")
        mail = self._anna.new(DESK, f"Re: {_TAG} Our printer asks for paper", FORGED)
        self._send(self._anna, mail, sender=FORGER)
        self._tell.mail(mail, "the forged mail", FORGED, leave_out=("Message-ID",))
        self._tell.line("   Anna receives:\n")
        asked = self._expect("the question to Anna", ANNA, None)
        checks.says(asked, "the question to Anna", "500 euro", "yes it is mine", "no throw it away")
        self._told(asked, "the question", leave_out=("Reply-To", "Message-ID", "References"), most=30)
        listed = self._expect("the list for Petr", PETR, None)
        checks.says(listed, "the list for Petr", "without proof")
        self._send(self._anna, self._anna.reply(asked, "no\n"))
        done = self._expect("the receipt for Anna", ANNA, None)
        checks.says(done, "the receipt for Anna", "discarded")
        self._tell.desk("""Anybody can write any From. This one bears nothing that was sent to Anna alone, so it does
            nothing and reaches nobody; it is kept in quarantine, and Anna is asked. Petr, as the manager, gets a
            list of such mails. Anna replies "no", and it is thrown away.""")
        self._status("pending")

    def _writes_by_tag(self) -> None:
        self._tell.head("6. Maria writes again, a new mail with nothing but the tag")
        mail = self._maria.new(DESK, f"Printer {_TAG}", THANKS)
        self._send(self._maria, mail)
        self._tell.mail(mail, "Maria's second mail", THANKS, leave_out=("Message-ID",))
        self._tell.line("   Anna receives:\n")
        sent = self._expect("the relay to Anna", ANNA)
        checks.automatic(sent, "the relay to Anna", None)
        checks.answers(sent, "the relay to Anna", self._for_anna[0].message_id)
        checks.says(sent, "the relay to Anna", THANKS)
        self._told(sent, "the relay", leave_out=("Reply-To",))
        self._tell.desk("""The tag is enough, because Maria takes part in this ticket; a stranger who guessed it would
            get a ticket of their own and see nothing of this one. She is not acknowledged twice. For Anna it
            stands below her assignment, and the ticket is open again.""")
        self._status("open")

    def _is_away(self) -> None:
        self._tell.head("7. Anna replies, and Maria's out-of-office answers her")
        reply = self._anna.reply(self._for_anna[-1], SECOND_ANSWER)
        self._send(self._anna, reply)
        answer = self._answer(self._for_maria[-1].message_id, SECOND_ANSWER)
        self._tell.line("   Maria receives:\n")
        self._tell.mail(answer.mail, "Anna's second answer", answer.words, leave_out=("Reply-To", "References"))
        self._receipt(MARIA.mailbox, "is pending now")
        self._status("pending")
        away = self._maria.out_of_office(answer, AWAY)
        self._send(self._maria, away, sender="")
        self._tell.line("   Maria's mail program answers by itself:\n")
        self._tell.mail(away, "Maria's out-of-office", AWAY, leave_out=("Message-ID", "References"))
        sent = self._expect("the out-of-office for Anna", ANNA)
        checks.automatic(sent, "the out-of-office for Anna", "auto-generated")
        self._tell.know(sent.mail, "its relay to Anna")
        checks.says(sent, "the out-of-office for Anna", AWAY, "A machine wrote this")
        self._status("pending")
        self._tell.desk("""Nobody answers a machine. Anna is shown it, marked as what it is; Maria gets nothing, and
            the ticket stays pending: a machine decides nothing here.""")

    def _is_resolved(self) -> None:
        self._tell.head("8. Anna resolves the ticket")
        mail = self._anna.reply(self._for_anna[-1], "#resolve\n")
        self._send(self._anna, mail)
        words = str(mail.get_content())
        self._tell.mail(mail, "Anna's command", words, leave_out=("Reply-To", "Message-ID", "References"))
        self._receipt("is resolved now")
        self._status("resolved")
        self._tell.desk("""A line that begins with # is for the desk, not for the customer, who was sent nothing; Anna
            gets a receipt that says what changed. If Maria writes again within 14 days, the ticket opens again;
            after that it closes by itself.""")

    def _nothing_else(self) -> None:
        """In the end, what was sent is what was told; and of what was for Anna, nothing reached Maria."""
        rows = [(row["kind"], *row["to"]) for row in queues.outbox(self._db)]
        for_agents = [*self._for_anna, *self._for_petr]
        told = len(self._for_maria) + len(for_agents)
        demand(len(rows) == told == len(self._sink.all()), f"the desk sent more than was told: {rows}")
        states = [row["state"] for row in queues.inbox(self._db)]
        demand(states == ["done"] * len(states), f"a mail was not worked on: {states}")
        for sent in self._for_maria:
            checks.nothing_crossed(sent, str(sent.mail["Subject"]), for_agents)
            checks.says_nothing_of(sent, str(sent.mail["Subject"]), "500 euro")

    # --- what the steps are made of ---------------------------------------------------------------------------

    def _answer(self, below: str, words: str) -> Sent:
        """Anna's words at Maria's, below that message of hers."""
        sent = self._expect("the answer", MARIA)
        checks.automatic(sent, "the answer", None)
        checks.answers(sent, "the answer", below)
        checks.says(sent, "the answer", words)
        checks.nothing_crossed(sent, "the answer", self._for_anna)
        demand(str(sent.mail["From"]) == f"{ANNA.name} <{DESK}>", f"the answer comes from {sent.mail['From']}")
        return sent

    def _receipt(self, *words: str) -> Sent:
        """What Anna is told of her own mail."""
        sent = self._expect("the receipt for Anna", ANNA)
        checks.automatic(sent, "the receipt for Anna", "auto-generated")
        checks.says(sent, "the receipt for Anna", *words)
        return sent

    def _send(self, program: MailProgram, mail: EmailMessage, sender: str | None = None) -> None:
        author = program.player
        to = mail["To"].addresses[0].addr_spec
        try:
            with smtplib.SMTP("127.0.0.1", self._port, local_hostname="client.example", timeout=PATIENCE) as server:
                server.sendmail(author.address if sender is None else sender, to, mail.as_bytes())
        except (OSError, smtplib.SMTPException) as error:
            raise self._daemon.trouble(f"the desk did not take {author.first}'s mail: {error}") from error

    def _expect(self, name: str, player: Player, tag: str | None = _TAG) -> Sent:
        """The next mail to that player. `tag` is in its subject; None where it is of no ticket."""
        box = {MARIA: self._for_maria, ANNA: self._for_anna, PETR: self._for_petr}[player]
        known = {sent.message_id for sent in box}

        def wanted(sent: Sent) -> bool:
            return player.address in sent.recipients and sent.message_id not in known

        until = time.monotonic() + PATIENCE
        while (sent := self._sink.wait(wanted, _SLICE)) is None:
            self._daemon.check()
            if time.monotonic() > until:
                raise self._daemon.trouble(f"{name} did not come within {PATIENCE:g} s")
        checks.addressed(sent, name, player, tag)
        box.append(sent)
        return sent

    def _told(self, sent: Sent, name: str, leave_out: tuple[str, ...], most: int = 12) -> None:
        self._tell.mail(sent.mail, name, sent.words, leave_out=leave_out, most=most)

    def _ticket(self) -> Json:
        ticket = face.ticket(self._db, _TICKET, _PREFIX)
        if ticket is None:
            raise MailticketError(f"the demo found something wrong: there is no ticket {_TAG}")
        return ticket

    def _status(self, wanted: str) -> None:
        until = time.monotonic() + PATIENCE
        while (found := self._ticket()["status"]) != wanted:
            self._daemon.check()
            if time.monotonic() > until:
                raise self._daemon.trouble(f"the ticket is {found}, not {wanted}")
            time.sleep(_LOOK_EVERY)
