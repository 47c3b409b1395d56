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

    @rule(one=ONE, who=WHO, order=ORDER)
    def an_agent_answers(self, one: int, who: str, order: str) -> None:
        """A mail that gave them the ticket, or what came in it since."""
        self._writes(one, who, f"{order}\r\n" * bool(order) + "Try this: TOKEN\r\n", *ANSWERED)

    @rule(one=ONE, who=WHO, order=st.sampled_from(ORDERS))
    def an_agent_orders(self, one: int, who: str, order: str) -> None:
        self._writes(one, who, f"{order}\r\n", *ANSWERED, "notice-done")

    @rule(one=ONE, who=WHO, order=ORDER)
    def an_agent_notes(self, one: int, who: str, order: str) -> None:
        self._writes(one, who, f"{NOTE}\r\n" + f"{order}\r\n" * bool(order) + "Between us: TOKEN\r\n", *ANSWERED)

    @rule(one=st.integers(0, 2), who=WHO)
    def an_agent_takes_it_back(self, one: int, who: str) -> None:
        """By one of the last receipts, or by the mail that they had answered."""
        self._writes(one, who, f"{UNDO}\r\n", "notice-done", *(ANSWERED if one else ()))

    @rule(one=ONE, who=WHO, number=st.integers(1, MOST_TICKETS))
    def an_agent_answers_a_ticket_by_its_number(self, one: int, who: str, number: int) -> None:
        """Logged in, and maybe a colleague's."""
        subject = f"Re: [ACME-{number}] Printer"
        draft = Draft(self._number(), who, "Or that: TOKEN\r\n", subject, by_agent=True)
        self._post(draft, auth=who)

    @rule(one=st.integers(0, 1), who=WHO, word=st.sampled_from(("yes", "yes", "no", "perhaps")))
    def an_agent_says_what_becomes_of_an_answer_that_is_held(self, one: int, who: str, word: str) -> None:
        self._writes(one, who, f"{word}\r\n", GIVES_BACK)

    def _writes(self, one: int, who: str, text: str, *templates: str) -> None:
        """In reply to one of the mails that they got, the last one first."""
        got = [taken for taken in self._lately(*templates) if taken.recipients == (who,)]
        if got:
            self._post(self._reply(got[one % len(got)], who, "reference", text=text, by_agent=True))

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
