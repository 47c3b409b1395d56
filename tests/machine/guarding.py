"""What forgers, machines, careful agents and mail systems do: the rules of the play about proof and quarantine."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from mailticket.store import held

from .mails import AGENTS, CUSTOMERS, MANAGER, ORDERS, OUTSIDER, SUPPORT, Draft, returned
from .player import ONE, Player, crashes
from .server import Taken
from .world import WORK_POINTS, Crash

WORDS = {"yes": "release", "no": "discard", "maybe": ""}
ORDERED = {"#release all": "release", "#discard all": "discard", "#release": "", "#person": "", "nothing": ""}
GIVEN = ("#take", "#assign Bob Stone", "#assign me", "#assign none", "#assign Mia", "#assign nobody there")
TO_AGENTS = ("assignment", "relay", "handover", "question", "quarantine", "morning", "notice-done")
FORGED = ("#resolve\r\nTOKEN", "yes TOKEN", "TOKEN")
ALL_AT_ONCE = st.sampled_from((None, held.release, held.discard))
CRASH = st.none() | crashes(WORK_POINTS)


class Guarded(Player):
    @precondition(lambda self: self._lately(*TO_AGENTS))
    @rule(one=ONE, who=st.sampled_from((*AGENTS, MANAGER, OUTSIDER)), words=st.sampled_from(FORGED))
    def somebody_pretends_to_be_an_agent(self, one: int, who: str, words: str) -> None:
        """Without a reference of ours; or with an agent's, and another From."""
        if who == OUTSIDER:
            taken = self._nth(one, *TO_AGENTS)
            self._post(self._reply(taken, OUTSIDER, "reference", text=words, trusted=False, foreign=True))
        else:
            self._post(Draft(self._number(), who, words, trusted=False, by_agent=True))

    @rule(count=st.integers(3, 4), who=st.sampled_from(AGENTS), then=ALL_AT_ONCE)
    def many_mails_pretend_to_be_an_agents(self, count: int, who: str, then) -> None:
        """And when the admin has ordered what becomes of them, as many again."""
        for _ in range(1 + bool(then)):
            for _ in range(count):
                self._post(Draft(self._number(), who, "Is it true that TOKEN", trusted=False, by_agent=True))
            if then:
                self.world.attempt(self.world.work)
                then(self.world.db, None, self.world.now)

    @precondition(lambda self: self._lately("question", "collision"))
    @rule(
        one=st.integers(0, 2),
        word=st.sampled_from((*WORDS, "yes", "yes")),
        machine=st.sampled_from((False, False, True)),
        crash=CRASH,
        sent=st.booleans(),
    )
    def an_agent_answers_a_question(self, one: int, word: str, machine: bool, crash: Crash | None, sent: bool) -> None:
        """Or is away, and a machine answers it, quoting the question."""
        taken = self._nth(one, "question", "collision")
        kind = "out of office" if machine else "person"
        orders = "" if machine else WORDS[word]
        self._answer(taken, taken.recipients[0], word, kind=kind, orders=orders, by_agent=True)
        if sent:
            self.world.attempt(self.world.work, crash)

    @precondition(lambda self: self._lately("question", "quarantine", "morning"))
    @rule(one=st.integers(0, 2), who=st.sampled_from((*AGENTS, MANAGER, OUTSIDER)), word=st.sampled_from(("yes", "no")))
    def somebody_else_answers_a_question(self, one: int, who: str, word: str) -> None:
        """Whoever has seen it: a stranger, or a colleague. It is held, and its own agent is asked."""
        taken = self._nth(one, "question", "quarantine", "morning")
        if who != taken.recipients[0]:
            self._answer(taken, who, word, trusted=False, foreign=who == OUTSIDER, by_agent=who != OUTSIDER)

    @precondition(lambda self: self._lately("quarantine", "morning", "notice-held"))
    @rule(one=st.integers(0, 1), line=st.sampled_from(tuple(ORDERED)), crash=CRASH)
    def a_list_is_answered(self, one: int, line: str, crash: Crash | None) -> None:
        """By the manager, or by the agent whose own list it is."""
        taken = self._nth(one, "quarantine", "morning", "notice-held")
        self._answer(taken, taken.recipients[0], line, orders=ORDERED[line], by_agent=True)
        self.world.attempt(self.world.work, crash)

    def _nth(self, one: int, *templates: str) -> Taken:
        got = self._lately(*templates)
        return got[one % len(got)]

    def _answer(self, taken: Taken, who: str, words: str, **more) -> None:
        self._post(self._reply(taken, who, "reference", text=f"{words}\r\nTOKEN", **more))

    @precondition(lambda self: self._held())
    @rule(what=st.sampled_from((held.release, held.discard)), one=st.none() | ONE, crash=CRASH)
    def the_admin_orders(self, what, one: int | None, crash: Crash | None) -> None:
        """`inbox release` and `inbox discard`, of one mail or of all."""
        waiting = self._held()
        ids = None if one is None else [waiting[one % len(waiting)]["id"]]
        self.world.attempt(lambda: what(self.world.db, ids, self.world.now), crash)

    @rule(one=ONE, fresh=st.booleans(), machine=st.booleans())
    def an_agent_logs_in(self, one: int, fresh: bool, machine: bool) -> None:
        """And sends what was held once more; or a request of their own."""
        theirs = [row for row in self._held() if self.seen.mail_of[row["id"]].by_agent]
        if theirs and not fresh:
            mail = self.seen.mail_of[theirs[one % len(theirs)]["id"]]
            road = f"support+{len(self.world.yes)}@acme.example"
            self.world.deliver(mail, (SUPPORT, road), auth=mail.sender)
            return
        who, kind = AGENTS[one % 2], "alarm" if machine else "person"
        self._post(Draft(self._number(), who, "My own: TOKEN", kind=kind, by_agent=True, trusted=False), auth=who)

    # --- tickets that are nobody's ------------------------------------------------------------------------------

    @rule(who=st.sampled_from(CUSTOMERS), sent=st.booleans())
    def a_customer_orders(self, who: str, sent: bool) -> None:
        """From the department where nobody is assigned anything."""
        self._post(Draft(self._number(), who, "I order: TOKEN", to=ORDERS))
        if sent:
            self.world.attempt(self.world.work)
            self.world.attempt(self.world.send)

    @precondition(lambda self: self._lately("assignment", "relay", "handover"))
    @rule(one=st.integers(0, 5), line=st.sampled_from(GIVEN), words=st.booleans(), crash=CRASH)
    def an_agent_takes_or_gives(self, one: int, line: str, words: bool, crash: Crash | None) -> None:
        taken = self._nth(one, "assignment", "relay", "handover")
        text = f"{line}\r\n" + "Try this: TOKEN" * words
        self._post(self._reply(taken, taken.recipients[0], "reference", text=text, by_agent=True))
        self.world.attempt(self.world.work, crash)

    # --- machines and mail systems ------------------------------------------------------------------------------

    @rule(hours=st.integers(1, 4), mails=st.integers(2, 3))
    def a_machine_writes_for_hours(self, hours: int, mails: int) -> None:
        """One that declares nothing."""
        for _ in range(hours):
            for _ in range(mails):
                n = self._number()
                self._post(Draft(n, CUSTOMERS[2], "Disk full: TOKEN", f"Alarm tok{n}en"))
            self.world.attempt(self.world.work)
            self.world.now += timedelta(minutes=50)

    @precondition(lambda self: self.world.server.taken)
    @rule(one=ONE, action=st.sampled_from(("failed", "failed", "delayed")), named=st.booleans())
    def a_mail_comes_back(self, one: int, action: str, named: bool) -> None:
        """To the address that it was sent from, or to the department, where its id alone says what it was."""
        taken = self.world.server.taken[-1 - one % min(8, len(self.world.server.taken))]
        mail = returned(taken, self._number(), taken.recipients[0], action)
        self.world.mails[mail.raw] = mail
        self.world.deliver(mail, (taken.sender if named and taken.sender else SUPPORT,), envelope_from="")
