"""Two agents and a customer: the desk where they talk, and all that they may do, in any order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from . import talk_promises
from .mails import AGENTS, CUSTOMERS, Draft, desk
from .player import ONE, Player, crashes
from .server import Taken
from .world import SEND_POINTS, WORK_POINTS, Crash, MakeDb, World

MARIA, JAN, LI = CUSTOMERS
MOST_TICKETS = 2
PAUSES = st.sampled_from([timedelta(seconds=n) for n in (1, 1, 7, 20, 70)] + [timedelta(minutes=61)])
BEFORE_UNDO = st.sampled_from((0, 1, 5, 19, 20, 30))  # seconds
LATELY = st.sampled_from((0, 0, 0, 1, 2, 5))
Soon = tuple[bool, Crash | None]  # whether it is worked on later, or where that crashes
SOON = st.tuples(st.sampled_from((False, False, False, True)), st.none() | st.none() | crashes(WORK_POINTS))
WORD = st.sampled_from(("yes", "yes", "no", "perhaps"))
WHO = st.sampled_from(AGENTS)
ORDERS = ("#label fire", "#priority high", f"#cc {LI}", f"#uncc {JAN}", "#assign Bob", "#take", "#resolve", "#resolv")
ORDER = st.sampled_from(("", "", "", "", *ORDERS))
UNDO, NOTE = "#undo", "#note"
ANSWERED = ("assignment", "handover", "relay")
GIVES_BACK = "collision"


class Talk(World):
    """No two things happen at the same moment, so that what follows from a mail is known by its time. `took_at` says
    when the mail server took what."""

    def __init__(self, make_db: MakeDb, folder: Path) -> None:
        self.took_at: list[datetime] = []
        self.receipts: dict[int, talk_promises.Receipt] = {}  # by the inbox row that they are about
        whole = desk()
        support = replace(whole.departments[0], assign=("round-robin",))
        agents = tuple(replace(agent, departments=("Support",)) for agent in whole.agents[:2])
        super().__init__(make_db, folder, replace(whole, departments=(support,), agents=agents))
        self.db.execute("PRAGMA synchronous = off")

    def clock(self) -> datetime:
        self.now += timedelta(microseconds=1)
        return self.now

    def _on_taken(self, taken: Taken) -> None:
        self.took_at.append(self.now)
        super()._on_taken(taken)


class Talking(Player):
    world: Talk

    def _world(self, folder: Path) -> Talk:
        return Talk(type(self).make_db, folder)

    # --- the customer -------------------------------------------------------------------------------------------

    @initialize(tickets=st.integers(1, MOST_TICKETS))
    def a_customer_has_asked(self, tickets: int) -> None:
        for _ in range(tickets):
            n = self._number()
            self._post(Draft(n, MARIA, "Help: TOKEN", f"Printer tok{n}en", cc=JAN))
        self.all_is_quiet(timedelta(seconds=20))

    @precondition(lambda self: self._got(agents=False))
    @rule(one=ONE, who=st.sampled_from((MARIA, MARIA, JAN)))
    def a_customer_writes_again(self, one: int, who: str) -> None:
        got = [taken for taken in self._got(agents=False) if who in taken.recipients]
        if got:
            self._post(self._reply(got[one % len(got)], who, "reference"))

    # --- the agents ---------------------------------------------------------------------------------------------

    @rule(one=LATELY, order=ORDER, words=st.sampled_from((True, True, False)), soon=SOON)
    def an_agent_writes(self, one: int, order: str, words: bool, soon: Soon) -> None:
        """An answer, orders, or both, in reply to what gave them the ticket or came in it since; orders in reply to a
        receipt, too."""
        text = f"{order or '#pending'}\r\n" * bool(order or not words) + "Try this: TOKEN\r\n" * words
        self._writes(one, text, soon, *ANSWERED, *(() if words else ("notice-done",)))

    @rule(one=LATELY, order=ORDER, soon=SOON)
    def an_agent_notes(self, one: int, order: str, soon: Soon) -> None:
        self._writes(one, f"{NOTE}\r\n{order}\r\nBetween us: TOKEN\r\n", soon, *ANSWERED)

    @rule(one=LATELY, order=ORDER, pause=BEFORE_UNDO, how=st.sampled_from(("notice-done", *ANSWERED)), soon=SOON)
    def an_agent_answers_and_takes_it_back(self, one: int, order: str, pause: int, how: str, soon: Soon) -> None:
        self.an_agent_writes(one, order, words=True, soon=(False, None))
        self._check()  # so that it is known what they got
        self.world.now += timedelta(seconds=pause)
        self.an_agent_takes_it_back(0, how, soon)

    @rule(one=LATELY, how=st.sampled_from(("notice-done", *ANSWERED)), soon=SOON)
    def an_agent_takes_it_back(self, one: int, how: str, soon: Soon) -> None:
        """By a reply to a receipt, or to another mail about the ticket."""
        self._writes(one, f"{UNDO}\r\n", soon, how)

    @rule(who=WHO, number=st.integers(1, MOST_TICKETS), soon=SOON)
    def an_agent_answers_a_ticket_by_its_number(self, who: str, number: int, soon: Soon) -> None:
        """Logged in, and maybe a colleague's, whose answer waits to leave."""
        subject = f"Re: [ACME-{number}] Printer"
        self._post(Draft(self._number(), who, "Or that: TOKEN\r\n", subject, by_agent=True), auth=who)
        self._goes_on(soon)

    @rule(number=st.integers(1, MOST_TICKETS), pause=BEFORE_UNDO, word=WORD, soon=SOON)
    def both_agents_answer_at_once(self, number: int, pause: int, word: str, soon: Soon) -> None:
        for who in AGENTS:
            self.an_agent_answers_a_ticket_by_its_number(who, number, soon=(False, None))
            self.world.now += timedelta(seconds=pause)
        self._check()
        self.an_agent_says_what_becomes_of_an_answer_that_is_held(0, word, soon)

    @rule(one=st.integers(0, 1), word=WORD, soon=SOON)
    def an_agent_says_what_becomes_of_an_answer_that_is_held(self, one: int, word: str, soon: Soon) -> None:
        self._writes(one, f"{word}\r\n", soon, GIVES_BACK)

    def _writes(self, one: int, text: str, soon: Soon, *templates: str) -> None:
        """In reply to one of the mails that agents got, the last one first."""
        got = self._lately(*templates)
        if got:
            taken = got[one % len(got)]
            self._post(self._reply(taken, taken.recipients[0], "reference", text=text, by_agent=True))
        self._goes_on(soon)

    def _goes_on(self, soon: Soon) -> None:
        """Later, or at once; then the receipt is there before the answer leaves."""
        later, crash = soon
        if not later:
            self.world.attempt(self.world.work, crash)
            self.world.attempt(self.world.send)

    @precondition(lambda self: self.world.yes)
    @rule(one=st.integers(0, 3))
    def the_same_mail_comes_again(self, one: int) -> None:
        yes = self.world.yes[-1 - one % len(self.world.yes)]
        self.world.deliver(self.world.mails[yes.raw], yes.envelope_to, envelope_from=yes.envelope_from, auth=yes.auth)

    # --- the desk -----------------------------------------------------------------------------------------------

    @rule(crash=st.none() | crashes(WORK_POINTS))
    def work(self, crash: Crash | None) -> None:
        self.world.attempt(self.world.work, crash)

    @rule(crash=st.none() | crashes(SEND_POINTS), lost=st.sampled_from((False, False, True)))
    def send(self, crash: Crash | None, lost: bool) -> None:
        self.world.attempt(lambda: self.world.send(["lost"] * lost), crash)

    @rule(pause=PAUSES)
    def time_passes(self, pause: timedelta) -> None:
        self.world.now += pause

    @rule(pause=PAUSES)
    def all_is_quiet(self, pause: timedelta) -> None:
        """So that a story gets on, and there is something to answer; no answer leaves in a short time."""
        self.world.attempt(self.world.work)
        self.world.now += pause
        self.world.attempt(self.world.send)
        self.world.attempt(self.world.run_jobs)
        self.world.attempt(self.world.send)

    # --- the promises -------------------------------------------------------------------------------------------

    @invariant()
    def promises_hold(self) -> None:
        self._check()

    def _check(self) -> None:
        self.holds = False
        self.seen = talk_promises.check(self.world, self.seen)
        self.holds = True

    def _drained(self) -> None:
        talk_promises.check_drained(self.world, self.seen)


def talking(make_db: MakeDb) -> type[Talking]:
    return type("TalkOnce", (Talking,), {"make_db": staticmethod(make_db)})
