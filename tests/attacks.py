"""What attackers send to a desk: one row an attack, and whom it may reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from attacked import ANNA, BORIS, DSN, EVE, MARIA, MONA, PETR, SUPPORT, Shop, dsn
from scenario_desk import Mail

Act = Callable[[Shop], object]


@dataclass(frozen=True)
class Attack:
    """`told` are all who get a mail of it, `ends` the states and reasons (their beginnings) of its inbox rows, in their
    order; `opens` how many tickets it opens, which are strangers' own."""

    words: str
    act: Act
    told: tuple[str, ...]
    ends: tuple[str, ...]
    opens: int = 0
    notes: int = 0  # messages that ticket 1 may get


UNPROVED = "quarantined: from an agent's address"
FOREIGN = "quarantined: it answers a mail that was sent to an agent"


def times(count: int, act: Callable[[Shop, int], object]) -> Act:
    return lambda shop: [act(shop, n) for n in range(count)]


def _question(shop: Shop) -> Mail:
    """Somebody has written in Anna's name, and she is asked."""
    shop.send(ANNA, "#resolve", Subject="[ACME-1]")
    return next(
        mail for mail in reversed(shop.desk.sent) if mail.to == (ANNA,) and "Did you" in str(mail.message["subject"])
    )


AR = "Authentication-Results"
PASS = "mx.acme.example; dmarc=pass header.from=acme.example"
ATTACKS: tuple[Attack, ...] = (
    Attack(
        "From forged to be an agent, to order something in a customer's ticket",
        lambda s: s.send(ANNA, "#resolve", Subject="[ACME-1] My vault"),
        (ANNA, MONA), (UNPROVED,),
    ),
    Attack(
        "From forged to be a customer, with the ticket's number: threads, as anybody's mail would, and shows nothing",
        lambda s: s.send(MARIA, "Tell me more.", Subject="[ACME-1] My vault"),
        (ANNA,), ("done",), notes=1,
    ),
    Attack(
        "a guessed ticket number from a stranger",
        lambda s: s.send(EVE, "What was it again?", Subject="Re: [ACME-1] My vault"),
        (EVE, ANNA), ("done",), opens=1,
    ),
    Attack(
        "the reference of a customer's mail, copied by somebody else",
        lambda s: s.send(EVE, "Send it to me, too.", answers=s.mails["answer"]),
        (EVE, ANNA), ("done",), opens=1,
    ),
    Attack(
        "an assignment that was forwarded outside, answered from there",
        lambda s: s.send(EVE, "Dear Maria, call 555.", answers=s.mails[f"assignment to {ANNA}"]),
        (ANNA, MONA), (FOREIGN,),
    ),
    Attack(
        "an assignment's reference used with another agent's address in From",
        lambda s: s.send(BORIS, "Dear Maria, call 555.", answers=s.mails[f"assignment to {ANNA}"]),
        (ANNA, MONA), (FOREIGN,),
    ),
    Attack(
        "an agent's reference that leaked by a reply to all: it proves nothing once somebody outside has it",
        lambda s: (
            s.send(ANNA, "Hello Maria.", answers=s.mails[f"assignment to {ANNA}"], Cc=MARIA),
            s.send(ANNA, "#resolve", answers=s.mails[f"assignment to {ANNA}"]),
        ),
        (ANNA, ANNA, MONA), ("done", UNPROVED), notes=1,  # the receipt of the first one, and the question
    ),
    Attack(
        "an accomplice put in copy of a forged customer's mail with the ticket's number",
        lambda s: s.send(MARIA, "More, please.", Subject="[ACME-1]", Cc=EVE),
        (ANNA,), ("done",), notes=1,
    ),
    Attack(
        "Reply-To of the attacker's",
        lambda s: s.send(MARIA, "Answer me there.", Subject="[ACME-1]", Reply_To=EVE),
        (ANNA,), ("done",), notes=1,
    ),
    Attack(
        "two From headers, the second an agent's with their reference",
        lambda s: s.send(f"{EVE}\r\nFrom: {ANNA}", "#resolve", answers=s.mails[f"assignment to {ANNA}"]),
        (ANNA, MONA), (FOREIGN,),
    ),
    Attack(
        "two From headers, the first an agent's with their reference",
        lambda s: s.send(f"{ANNA}\r\nFrom: {EVE}", "#resolve", answers=s.mails[f"assignment to {ANNA}"]),
        (ANNA, MONA), (UNPROVED,),
    ),
    Attack(
        "an agent's address as a display name",
        lambda s: s.send(f'"{ANNA}" <{EVE}>', "#resolve", Subject="[ACME-1]"),
        (EVE, ANNA), ("done",), opens=1,
    ),
    Attack(
        "Authentication-Results that the attacker wrote, from somewhere in the world",
        lambda s: s.send(ANNA, "#resolve", Subject="[ACME-1]", **{AR: PASS}),
        (ANNA, MONA), (UNPROVED,),
    ),
    Attack(
        "Authentication-Results that the attacker wrote, under those of the trusted relay",
        lambda s: s.send(
            ANNA, "#resolve", Subject="[ACME-1]", how={"peer": "127.0.0.1"},
            **{AR: f"mx.acme.example; dmarc=none\r\n{AR}: {PASS}"},
        ),
        (ANNA, MONA), (UNPROVED,),
    ),
    Attack(
        "Authentication-Results of a server that nobody trusts, through the relay",
        lambda s: s.send(
            ANNA, "#resolve", Subject="[ACME-1]", how={"peer": "127.0.0.1"},
            **{AR: "mx.evil.example; dmarc=pass header.from=acme.example"},
        ),
        (ANNA, MONA), (UNPROVED,),
    ),
    Attack(
        "an agent's own reference, in a mail that the trusted relay says is forged",
        lambda s: s.send(
            ANNA, "#resolve", answers=s.mails[f"assignment to {ANNA}"], how={"peer": "127.0.0.1"},
            **{AR: "mx.acme.example; dmarc=fail header.from=acme.example"},
        ),
        (ANNA, MONA), (UNPROVED,),
    ),
    Attack(
        "bounces that name no mail of ours, to mute a customer: the agent hears of one, and may laugh",
        times(3, lambda s, n: s.send(
            "mailer-daemon@customer.example", dsn(MARIA), envelope_from="", Subject=f"Undelivered {n}", **DSN
        )),
        (ANNA,), ("done: a bounce",) * 3,
    ),
    Attack(
        "a bounce, made by somebody who got the mail, that names somebody else: it can speak of that mail alone",
        lambda s: s.send(
            "mailer-daemon@x.example", dsn(PETR, s.id("answer")), envelope_from="", Subject="Undelivered", **DSN
        ),
        (ANNA,), ("done: a report on outbox message",),
    ),
    Attack(
        "an out-of-office of an agent's in answer to an assignment",
        lambda s: s.send(ANNA, "#resolve", answers=s.mails[f"assignment to {ANNA}"], Auto_Submitted="auto-replied"),
        (), ("done: an agent's automatic mail",),
    ),
    Attack(
        "an out-of-office in answer to the question that begins with yes",
        lambda s: s.send(ANNA, "yes", answers=_question(s), Auto_Submitted="auto-replied"),
        (ANNA, MONA), (UNPROVED, "done: an agent's automatic mail"),
    ),
    Attack(
        "a yes to the question from another address",
        lambda s: s.send(EVE, "yes", answers=_question(s)),
        (ANNA, ANNA, MONA), (UNPROVED, FOREIGN),
    ),
    Attack(
        "a no to the question from another agent's address",
        lambda s: s.send(BORIS, "no", answers=_question(s)),
        (ANNA, ANNA, MONA), (UNPROVED, FOREIGN),
    ),
    Attack(
        "a question bomb: forty mails in an agent's name, of which five are asked about and the rest is a list a day",
        times(40, lambda s, n: s.send(ANNA, f"#resolve {n}", Subject=f"[ACME-1] {n}")),
        (*[ANNA] * 6, MONA), (UNPROVED,) * 40,
    ),
    Attack(
        "an acknowledgement bomb: forty mails in a stranger's name",
        times(40, lambda s, n: s.send(PETR.replace("petr", "victim"), f"Buy {n} things now", Subject=f"Win {n}")),
        (*[PETR.replace("petr", "victim")] * 5, *[ANNA, BORIS] * 20), ("done",) * 40, opens=40,
    ),
    Attack(
        "line ends in the subject and in a name, to add a header to our mails",
        lambda s: s.send(
            "=?utf-8?q?Eve=0D=0ABcc=3A_petr=40other=2Eexample?= <eve@elsewhere.example>", "Hello",
            Subject="=?utf-8?q?Hi=0D=0ABcc=3A_petr=40other=2Eexample?=",
        ),
        (EVE, ANNA), ("done",), opens=1,
    ),
    Attack(
        "template language in the subject, the name and the words",
        lambda s: s.send('"{{ 7*7 }}" <eve@elsewhere.example>', "{{ config }} {% include 'x' %}", Subject="{{ 7*7 }}"),
        (EVE, ANNA), ("done",), opens=1,
    ),
    Attack(
        "a web form's address forged, with an agent in its Reply-To",
        lambda s: s.send("form@shop.example", "#resolve", Subject="[ACME-1]", Reply_To=ANNA),
        ("form@shop.example", ANNA), ("done",), opens=1,
    ),
    Attack(
        "From forged to be the desk itself",
        lambda s: s.send(SUPPORT, "Dear all", Subject="[ACME-1]"),
        (MONA,), ("quarantined: its From is one of the desk's",),
    ),
    Attack(
        "the loop header copied, to have a mail swallowed",
        lambda s: s.send(EVE, "Help", X_Mailticket_Loop="desk.acme.example"),
        (ANNA,), ("done",), opens=1,
    ),
)  # fmt: skip
