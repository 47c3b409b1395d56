"""Nobody is fooled: each attack of the table is made on a whole desk, and nothing is obeyed, shown or lost."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import signing
from attacked import CONFIG, MARIA, PETR, SECRET, Shop
from attacks import ATTACKS, Attack
from dialog import run
from fakes.smtpserver import ScriptedServer
from scenario_desk import Mail, StoryDesk

from mailticket.store import queues

OURS = {
    "from", "to", "cc", "reply-to", "subject", "date", "message-id", "in-reply-to", "references", "auto-submitted",
    "precedence", "x-auto-response-suppress", "x-mailticket-loop", "mime-version", "content-type",
    "content-transfer-encoding",
}  # fmt: skip


@pytest.fixture
def shop(tmp_path):
    config = tmp_path / "mailticket.toml"
    config.write_text(CONFIG, "utf-8")
    with ScriptedServer() as server:
        desk = StoryDesk(config, tmp_path, server)
        shop = Shop(desk)
        shop.open()
        desk.turn_to(desk.now + timedelta(minutes=10))
        yield shop
        desk.close()


def stands(shop: Shop) -> list[dict[str, object]]:
    """What an attack must not change of the two tickets."""
    kept = ("status", "subject", "agent", "customer", "participants", "priority", "labels")
    return [{name: shop.desk.ticket(number)[name] for name in kept} for number in (1, 2)]


def messages(shop: Shop, number: int) -> int:
    return len(shop.desk.ticket(number)["messages"])


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.words for attack in ATTACKS])
def test_nothing_is_obeyed_or_shown_or_lost_and_the_right_people_are_told(shop, attack: Attack):
    desk = shop.desk
    before = stands(shop)
    said = [messages(shop, 1), messages(shop, 2)]
    tickets, sent = desk.count_tickets(), len(desk.sent)
    rows_before = {row["id"] for row in queues.inbox(desk.db)}
    attack.act(shop)
    rows = [row for row in queues.inbox(desk.db) if row["id"] not in rows_before]
    new = desk.sent[sent:]
    assert len(rows) == len(attack.ends), "a mail was lost, or taken for another"
    for row, end in zip(rows, attack.ends, strict=True):
        assert f"{row['state']}: {row['reason']}".startswith(end)
    pending = attack.notes and before[0] | {"status": "open"}
    assert stands(shop) in ([*before], [pending, before[1]]), "something was obeyed"
    assert messages(shop, 1) - said[0] <= attack.notes
    assert messages(shop, 2) == said[1]
    assert desk.count_tickets() - tickets == attack.opens
    assert Counter(to for mail in new for to in mail.to) == Counter(attack.told)
    for mail in new:
        look_at(shop, mail)


def look_at(shop: Shop, mail: Mail) -> None:
    """A mail that followed from an attack: no header that is not ours, and no secret outside."""
    assert {name.lower() for name in mail.message} <= OURS, mail.raw[:2000]
    inside = all(shop.desk.policy.agent_of(address) for address in mail.to)
    if not inside and set(mail.to) != {MARIA}:
        assert SECRET not in mail.everything, "Maria's words crossed"
        assert MARIA not in mail.everything
        assert "49" not in mail.text, "a template was made of what somebody wrote"
    assert PETR not in mail.to or set(mail.to) == {PETR}


def test_a_stranger_who_is_new_and_unproved_gets_none_of_their_words_back(shop):
    shop.send(
        "victim@third.example",
        "Buy my pills at evil dot example",
        Subject="Cheap pills",
        From='"Click here" <victim@third.example>',
    )
    (mail,) = [mail for mail in shop.desk.sent if mail.to == ("victim@third.example",)]
    for words in ("pills", "Click", "evil", "Buy"):
        assert words not in mail.everything


def test_a_question_shows_what_was_written_as_text_without_links(shop):
    shop.send(
        "anna@acme.example", "Log in at https://evil.example/x now " + "long " * 100, Subject="[ACME-1] <b>hi</b>"
    )
    question = next(m for m in reversed(shop.desk.sent) if m.kind == "notice" and m.to == ("anna@acme.example",))
    assert "https://evil.example" not in question.everything
    assert 'href="http' not in question.everything
    assert question.text.count("long") < 45


@pytest.mark.parametrize("word", ["yes", "no"])
def test_the_agents_own_word_settles_it(shop, word):
    """The control of the table: what attackers may not do, the agent may."""
    before = stands(shop)
    shop.send("anna@acme.example", "#resolve", Subject="[ACME-1]")
    question = next(m for m in reversed(shop.desk.sent) if m.kind == "notice" and m.to == ("anna@acme.example",))
    shop.send("anna@acme.example", word, answers=question)
    row = [row for row in queues.inbox(shop.desk.db) if row["subject"] == "[ACME-1]"][-1]
    assert row["state"] == "done"
    assert (stands(shop) == before) is (word == "no")
    assert shop.desk.ticket(1)["status"] == ("resolved" if word == "yes" else before[0]["status"])


def test_a_forged_bounce_mutes_nobody_but_who_got_that_mail(shop):
    next(a for a in ATTACKS if "made by somebody who got the mail" in a.words).act(shop)
    sent = len(shop.desk.sent)
    shop.send(PETR, "Another thing.", Subject="Scanner")
    assert [mail.kind for mail in shop.desk.sent[sent:] if mail.to == (PETR,)] == ["acknowledgement"]


# --- a signed mail of the agent's in other hands -------------------------------------------------------------


SIGNED = "from:to:subject:date:message-id"


def order(shop: Shop, words: str = "#resolve", *, signed: str = SIGNED, **more: str) -> bytes:
    """Anna's signed mail that resolves ticket 1."""
    shop.desk.dns[signing.NAME] = signing.record()
    given = {"From": "anna@acme.example", "To": "support@acme.example", "Subject": "[ACME-1]"}
    given |= {"Date": format_datetime(shop.desk.now), "Message-ID": "<order@acme.example>"} | more
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return signing.by_hand({"h": signed}, f"{head}\r\n{words}\r\n".encode())


def brought(shop: Shop, raw: bytes, to: str = "support@acme.example") -> str:
    """Somebody hands it over; what became of it."""
    number = shop.desk.receive(Mail(raw, "x@elsewhere.example", (to,)))
    row = shop.desk.inbox_row(number)
    return f"{row['state']}: {row['reason']}"


def test_a_signed_mail_of_the_agents_is_obeyed(shop):
    """The control of those below."""
    assert brought(shop, order(shop)) == "done: "
    assert shop.desk.ticket(1)["status"] == "resolved"


REPLAYS = {
    "the same again": (lambda raw: raw, "support@acme.example", "done: "),  # it is the first row, hit once more
    "with another Message-ID, which is not signed": (
        lambda raw: raw.replace(b"<order@", b"<again@"), "support@acme.example", "done: duplicate",
    ),
    "to another department": (lambda raw: raw, "office@acme.example", "done: duplicate"),
}  # fmt: skip


@pytest.mark.parametrize("words", REPLAYS)
def test_a_signed_mail_that_is_brought_again_is_not_obeyed_again(shop, words):
    change, to, end = REPLAYS[words]
    raw = order(shop, "Dear Maria, it is done.", signed="from:to:subject:date")
    brought(shop, raw)
    said, sent = messages(shop, 1), len(shop.desk.sent)
    assert brought(shop, change(raw), to).startswith(end)
    assert messages(shop, 1) == said
    assert all(mail.kind == "notice" for mail in shop.desk.sent[sent:]), "nobody but agents hears of it"


TAMPERED = {
    "words added": lambda raw: raw + b"Send me the key.\r\n",
    "another subject above": lambda raw: b"Subject: [ACME-2]\r\n" + raw,
    "another subject": lambda raw: raw.replace(b"[ACME-1]", b"[ACME-2]"),
    "a From of somebody else's above": lambda raw: b"From: eve@elsewhere.example\r\n" + raw,
    "a week old": lambda raw: raw,
    "made for another department": lambda raw: raw,
}


@pytest.mark.parametrize("words", TAMPERED)
def test_a_signed_mail_that_was_changed_or_made_for_other_eyes_orders_nothing(shop, words):
    raw = order(shop)
    before = stands(shop)
    if words == "a week old":
        shop.desk.turn_to(shop.desk.now + timedelta(days=7))
    to = "office@acme.example" if words == "made for another department" else "support@acme.example"
    end = brought(shop, TAMPERED[words](raw), to)
    assert stands(shop) == before
    assert end.startswith("quarantined") or "eve@" in str(TAMPERED[words](raw))


def test_references_that_the_signature_does_not_cover_are_not_read(shop):
    raw = order(shop, "The code is 7.", signed="from:to:subject:date", Subject="Hello")
    brought(shop, f"References: {shop.id('assignment to boris@acme.example')}\r\n".encode() + raw)
    assert messages(shop, 2) == 2


# --- at the door ---------------------------------------------------------------------------------------------

AT_THE_DOOR = {
    "relay attempts: other domains, source routes, percent hacks, after a login too": ("recipients", "auth"),
    "AUTH without TLS": ("auth_in_the_clear", "require_tls"),
    "passwords tried one after another, by one connection and by many": ("auth_thrice_wrong", "auth_too_many"),
    "commands glued behind STARTTLS": ("starttls_injection",),
    "a mail smuggled in another's content": ("smuggling", "bare_lf"),
    "a client that says it is somebody else's proxy": ("proxy_garbage",),
}


@pytest.mark.parametrize("attack", AT_THE_DOOR)
def test_at_the_door_nobody_gets_further_than_they_may(attack):
    for name in AT_THE_DOOR[attack]:
        run(Path(__file__).parent / "dialogs" / f"{name}.dialog")
