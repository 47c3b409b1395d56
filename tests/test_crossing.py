"""Nothing of our mail to an agent crosses to the customer with the answer, whatever a client makes of it; and an
answer's own words do, however they look."""

from __future__ import annotations

import time

import pytest
from mails import mail

from mailticket.core.crossing import MARKER, agent_answer
from mailticket.core.parse import parse
from mailticket.core.shown import reply_line
from mailticket.core.types import Address

MARIA = Address("maria@customer.example", "Maria")
LINE = reply_line([MARIA], "Anna Novak", free=False)
SIGNED = f"support+r{'a' * 29}@acme.example"
OURS = f"{LINE}\n\n{MARKER}\n\n[ACME-1] Printer on fire\n\nIt burns.\n\nEarlier tickets\n  [ACME-7] secret"
FROM, AGENT, SUBJECT = "Maria via Support <support@acme.example>", "Anna Novak", "[ACME-1] Printer on fire"


def answered(text: str, subject: str = f"Re: {SUBJECT}") -> str:
    """What crosses of Anna's reply to our mail."""
    head = ("From: Anna Novak <anna@acme.example>", f"To: Maria via Support <{SIGNED}>", f"Subject: {subject}")
    return agent_answer(parse(mail(*head, "Content-Type: text/plain; charset=utf-8", "", text, head=b"")))


def block(labels: str, when: str = "23.11.2026 09:00", colon: str = ": ", to: str = AGENT) -> str:
    values = (FROM, when, to, SUBJECT)
    return "\n".join(f"{label}{colon}{value}" for label, value in zip(labels.split("|"), values, strict=True))


NAMED = {
    "Swedish": "Från|Skickat|Till|Ämne",
    "Danish": "Fra|Sendt|Til|Emne",
    "Norwegian": "Fra|Sendt|Til|Emne",
    "Finnish": "Lähettäjä|Lähetetty|Vastaanottaja|Aihe",
    "Hungarian": "Feladó|Elküldve|Címzett|Tárgy",
    "Romanian": "De la|Trimis|Către|Subiect",
    "Slovene": "Od|Poslano|Za|Zadeva",
    "Slovak": "Od|Odoslané|Komu|Predmet",
    "Turkish": "Kimden|Gönderildi|Kime|Konu",
    "Turkish, as others have it": "Gönderen|Tarih|Kime|Konu",
}


@pytest.mark.parametrize("language", NAMED)
def test_a_block_of_a_language_that_we_know_is_known_by_its_labels_alone(language):
    values = ("the shop", "yesterday", "us", "it")
    found = "\n".join(f"{label}: {value}" for label, value in zip(NAMED[language].split("|"), values, strict=True))
    assert answered(f"Yes.\n\n{found}\n\nsecret") == "Yes."


ANY = {
    "Estonian": block("Saatja|Saatmisaeg|Adressaat|Teema"),
    "Greek": block("Από|Στάλθηκε|Προς|Θέμα", "Δευτέρα, 23 Νοεμβρίου 2026 9:00 πμ"),
    "Russian": block("От|Отправлено|Кому|Тема", "23 ноября 2026 9:00"),
    "Japanese": block("差出人|送信日時|宛先|件名", "2026年11月23日 9:00"),
    "Chinese": block("发件人|发送时间|收件人|主题", "2026年11月23日 9:00", "\uff1a"),
    "Indonesian, with stars": block("*Dari|*Dikirim|*Kepada|*Perihal", "23 November 2026 09:00", ":* "),
    "a date that nobody can read": block("Saatja|Saatmisaeg|Adressaat|Teema", "eile kell üheksa"),
    "our signed address in it": f"Saatja: Support <{SIGNED}>\nSaatmisaeg: eile\nAdressaat: minu\nTeema: -",
    "a line wrapped": block("Saatja|Saatmisaeg|Adressaat|Teema", to="Boris;\n Anna Novak"),
}


@pytest.mark.parametrize("name", ANY)
@pytest.mark.parametrize("rule", ["", "________________________________\n"])
@pytest.mark.parametrize("below", ["secret", OURS, LINE, OURS.replace(" and your words ", "\nand your words\n")])
def test_a_block_of_any_language_is_known_by_what_it_says_of_this_mail(name, rule, below):
    assert answered(f"Hello Maria.\n\nIt is paid.\n\n{rule}{ANY[name]}\n\n{below}") == "Hello Maria.\n\nIt is paid."


@pytest.mark.parametrize(
    "below",
    [
        LINE,
        f"> {LINE}",
        f"{LINE[:70]}\n{LINE[70:]}",
        OURS,
        reply_line([], "Anna Novak", free=True),
        f"On Mon, 23 Nov 2026 at 09:00, Support <{SIGNED}> wrote:\n\n{LINE}",
        f"On Mon, 23 Nov 2026 at 09:00, Support <{SIGNED}> wrote:\n{LINE}\n{OURS}",
        f"Den mån 23 nov. 2026 kl 09:00 skrev Support <{SIGNED}>:\n\n{LINE}",
        block("Saatja|Saatmisaeg|Adressaat|Teema", "eile").replace(SUBJECT, "Muu") + f"\n\n{LINE}",
        f"-----Oprindelig meddelelse-----\n{LINE}",
    ],
)
def test_the_line_that_says_where_a_reply_goes_never_crosses_even_where_the_marker_is_lost(below):
    secret = "" if below.startswith(">") else "\n\nsecret"  # under a quote with > it is the agent who writes
    assert answered(f"Hello Maria.\n\nIt is paid.\n\n{below}{secret}") == "Hello Maria.\n\nIt is paid."


def test_a_line_of_ours_that_a_client_wrapped_badly_does_not_cross():
    """The rest of a quoted line may have no `>` before it; below the marker it is the agent who wrote such a line."""
    quoted = f"> {LINE[:60]}\n{LINE[60:]}\n>\n> {MARKER}\n>\n> It burns.\nPull the plug."
    assert answered(f"On Mon, 23 Nov 2026 at 09:00, Support wrote:\n{quoted}") == "Pull the plug."


@pytest.mark.parametrize(
    "text",
    [
        "Use these:\n\nServer: mail.acme.example\nPort: 993\nUser: maria@customer.example\nPassword: as before",
        "Write to us:\n\nE-mail: support@acme.example\nPhone: +420 123 456 789\nOpen: 9:00-17:00\nWeb: acme.example",
        "We come:\n\nWhen: 23.11.2026 09:00\nWhere: Brno\nWho: Anna Novak\nAsk: support@acme.example",
        "Ticket: [ACME-1] Printer on fire\nTechnician: Anna Novak\nVisit: 23.11.2026 09:00\n\nSee you then.",
        "Answers:\n\nA: yes\nB: no\nC: [ACME-1]\nD: 2026",
        "Please reply to this mail and say yes.\n\nNobody left an address: we asked.",
        "Steps:\nFirst: stop it\nSecond: start it\nThird: wait until 9:00 on 23.11.2026",
        "From: Brno\nTo: Praha\n\nSubject to change.",
    ],
)
def test_an_answers_own_words_with_colons_cross(text):
    assert answered(text) == text
    assert answered(f"{text}\n\nOn Mon, 23 Nov 2026 at 09:00, Support <{SIGNED}> wrote:\n\n{OURS}") == text
    assert answered(f"{text}\n\n> It burns.") == text


LEGAL = (
    "This mail is confidential. If you are not the intended recipient, its disclosure is prohibited " + "by law. " * 9
)


def test_what_an_agent_says_of_the_law_crosses_and_what_a_server_adds_below_the_quote_does_not():
    assert answered(f"Our contract says:\n\n{LEGAL}") == f"Our contract says:\n\n{LEGAL}".rstrip()
    assert answered(f"Yes.\n\nOn Mon, 23 Nov 2026, Support wrote:\n> q\n\n{LEGAL}\n\nSent from my iPhone") == "Yes."


@pytest.mark.parametrize(
    "text",
    [
        "Reply to this mail\n" * 50_000,
        "Reply to this mail " * 50_000,
        "Ab: support@acme.example\n" * 40_000,
        "".join(f"Ab: {n} Anna Novak <support@acme.example>\n" for n in range(25_000)),
        "From: x\nAb: 23.11.2026 09:00\n" * 25_000,
        "Nobody left an address:" * 40_000,
        f"{LINE[:42]}\n" * 20_000,
    ],
)
def test_a_mail_made_of_what_is_looked_for_is_bounded_work(text):
    """Seconds here are a walk over lines that looks back at others; it is a tenth of that."""
    begun = time.process_time()
    answered(text)
    assert time.process_time() - begun < 3
