"""What kind of mail it is: each row of the table with a mail that it is for, and one that is nearly so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from letters import MARIA, POLICY, made
from letters import mail as read

from mailticket.core import compose
from mailticket.core.classify import RULES, classify, held
from mailticket.core.identity import derive_ref, message_id
from mailticket.core.parse import parse
from mailticket.core.types import Address, Bounce, BouncedRecipient

SENDER = "maria@customer.example"
SUPPORT = Address(POLICY.departments[0].addresses[0])
FORGER = replace(POLICY, secrets=(b"a secret that the forger has made up",))
OUTLOOK = ("x-auto-response-suppress", "DR, OOF, AutoReply")
LOOP = "x-mailticket-loop"
OWN_MARK = compose._loop_mark("desk.acme.example", POLICY.secrets[0])
FORGED_MARK = compose._loop_mark("desk.acme.example", FORGER.secrets[0])
OWN_ID = message_id(derive_ref(POLICY.secrets[0], "c", 0), POLICY)
FORGED_ID = message_id(derive_ref(FORGER.secrets[0], "c", 0), FORGER)
REACHED_NOBODY = Bounce((BouncedRecipient("x@customer.example", "5.1.1", "failed", "unknown"),), ())


def mail(*headers, local="", **fields):
    """With these headers; from somebody of that local part."""
    sender = Address(f"{local}@customer.example") if local else MARIA
    return read(**{"from_": sender, "headers": headers, "subject": "Hello", "message_id": "<a@b>"} | fields)


def report(kind, quote=""):
    value = f"multipart/report; boundary=b; report-type={quote}{kind}{quote}"
    return mail(("content-type", value), content_type="multipart/report")


def submitted(value):
    return mail(("auto-submitted", value))


# what it is; the mail; envelope sender → kind, detail, answerable, and the rule that decides
CASES = [
    ("a person", mail(), SENDER, "person", "", True, "person"),
    ("our own automatic mail", mail((LOOP, OWN_MARK)), SENDER, "own", "", False, "own loop header"),
    ("the same, in capitals", mail((LOOP, OWN_MARK.upper())), SENDER, "own", "", False, "own loop header"),
    ("a copied name", mail((LOOP, "desk.acme.example")), SENDER, "automatic", "", False, "another desk's loop header"),
    ("a forged mark", mail((LOOP, FORGED_MARK)), SENDER, "automatic", "", False, "another desk's loop header"),
    ("another desk", mail((LOOP, "other.example x")), SENDER, "automatic", "", False, "another desk's loop header"),
    ("another desk's answer", mail((LOOP, "other.example x"), ("auto-submitted", "auto-replied")), SENDER, "automatic",
     "out-of-office", False, "auto-replied"),
    ("a loop header with nothing in it", mail((LOOP, "")), SENDER, "person", "", True, "person"),
    ("our answer, sent on to us", mail(from_=SUPPORT, message_id=OWN_ID), SENDER, "own", "", False,
     "own Message-ID"),
    ("our address, a forged id", mail(from_=SUPPORT, message_id=FORGED_ID), SENDER, "person", "", True, "person"),
    ("our id, somebody's address", mail(message_id=OWN_ID), SENDER, "person", "", True, "person"),
    ("a delivery report", report("delivery-status"), SENDER, "bounce", "", False, "delivery report"),
    ("a delivery report in quotes", report("Delivery-Status", '"'), SENDER, "bounce", "", False, "delivery report"),
    ("the words in a plain mail", mail(("content-type", "text/plain; report-type=delivery-status")), SENDER, "person",
     "", True, "person"),
    ("Exim's bounce", mail(("x-failed-recipients", "a@b.example")), SENDER, "bounce", "", False, "failed recipients"),
    ("nobody failed", mail(("x-failed-recipients", " ")), SENDER, "person", "", True, "person"),
    ("a mail system's null sender", mail(local="MAILER-DAEMON"), "", "bounce", "", False,
     "null sender of a mail system"),
    ("a null sender in Return-Path", mail(("return-path", "<>"), local="Postmaster"), SENDER, "bounce", "", False,
     "null sender of a mail system"),
    ("a mail system with a sender", mail(local="postmaster"), SENDER, "automatic", "", False,
     "address that nobody reads"),
    ("a plain bounce with a sender", mail(local="mailer-daemon", bounce=REACHED_NOBODY), SENDER, "bounce", "", False,
     "read as a bounce"),
    ("a plain bounce without one", mail(bounce=REACHED_NOBODY), "", "bounce", "", False, "read as a bounce"),
    ("a note that quotes a bounce", mail(("auto-submitted", "auto-replied"), bounce=REACHED_NOBODY), "", "automatic",
     "out-of-office", False, "auto-replied"),
    ("a person who quotes a bounce", mail(bounce=REACHED_NOBODY), SENDER, "person", "", True, "person"),
    ("a bounce of nothing", mail(local="mailer-daemon", bounce=Bounce((), ())), SENDER, "automatic", "", False,
     "address that nobody reads"),
    ("a read receipt", report("disposition-notification"), SENDER, "automatic", "disposition", False,
     "disposition report"),
    ("a spam complaint", report("feedback-report"), SENDER, "automatic", "feedback", False, "feedback report"),
    ("a report of something else", report("tlsrpt"), SENDER, "automatic", "", False, "other report"),
    ("a report of who knows what", mail(content_type="multipart/report"), SENDER, "automatic", "", False,
     "other report"),
    ("ASK's question", mail(("x-askversion", "2.5.0")), SENDER, "automatic", "challenge", False, "challenge"),
    ("BoxTrapper's question", mail(("precedence", "bulk"), subject="Your email requires verification verify#a1"),
     SENDER, "automatic", "challenge", False, "challenge"),
    ("a person with BoxTrapper's words", mail(subject="Your email requires verification verify#a1"), SENDER, "person",
     "", True, "person"),
    ("a person who writes with TMDA", mail(("x-delivery-agent", "TMDA/1.0")), SENDER, "person", "", True, "person"),
    ("auto-replied", submitted("auto-replied"), SENDER, "automatic", "out-of-office", False, "auto-replied"),
    ("with comment and parameter", submitted("(x) Auto-Replied (zimbra; vacation); owner-email=a@b"), SENDER,
     "automatic", "out-of-office", False, "auto-replied"),
    ("no, and then yes", mail(("auto-submitted", "no"), ("auto-submitted", "auto-replied")), SENDER, "automatic",
     "out-of-office", False, "auto-replied"),
    ("Auto-Submitted: no", submitted("no"), SENDER, "person", "", True, "person"),
    ("no, with more", submitted("NO (really); reason=auto-replied"), SENDER, "person", "", True, "person"),
    ("Auto-Submitted with nothing in it", submitted(""), SENDER, "person", "", True, "person"),
    ("X-Autoreply", mail(("x-autoreply", "yes")), SENDER, "automatic", "out-of-office", False, "autoreply header"),
    ("X-Autoreply: no", mail(("x-autoreply", "No")), SENDER, "person", "", True, "person"),
    ("X-Autorespond, empty", mail(("x-autorespond", "")), SENDER, "automatic", "out-of-office", False,
     "autoreply header"),
    ("X-Autoresponder, though it says no", mail(("x-autoresponder", "Re: x"), ("auto-submitted", "no")), SENDER,
     "automatic", "out-of-office", False, "autoreply header"),
    ("X-Auto-Reply-From", mail(("x-auto-reply-from", "a@b")), SENDER, "automatic", "out-of-office", False,
     "autoreply header"),
    ("X-AutoReply-From", mail(("x-autoreply-from", "a@b")), SENDER, "automatic", "out-of-office", False,
     "autoreply header"),
    ("X-Mail-Autoreply", mail(("x-mail-autoreply", "yes")), SENDER, "automatic", "out-of-office", False,
     "autoreply header"),
    ("X-Autoresponse", mail(("x-autoresponse", "1")), SENDER, "automatic", "out-of-office", False, "autoreply header"),
    ("X-Autogenerated: Reply", mail(("x-autogenerated", "Reply")), SENDER, "automatic", "out-of-office", False,
     "x-autogenerated reply"),
    ("X-Autogenerated", mail(("x-autogenerated", "yes")), SENDER, "automatic", "", False, "x-autogenerated"),
    ("X-Autogenerated: no", mail(("x-autogenerated", "no")), SENDER, "person", "", True, "person"),
    ("qmail's autoresponder", mail(("delivered-to", "Autoresponder")), SENDER, "automatic", "out-of-office", False,
     "delivered to an autoresponder"),
    ("delivered to us", mail(("delivered-to", "support@acme.example")), SENDER, "person", "", True, "person"),
    ("Precedence: auto_reply", mail(("precedence", "Auto_Reply")), SENDER, "automatic", "out-of-office", False,
     "precedence auto_reply"),
    ("an inbox rule of Exchange", mail(("x-ms-exchange-inbox-rules-loop", "a@b"), OUTLOOK), SENDER, "automatic",
     "out-of-office", False, "inbox rule of Exchange"),
    ("half of that", mail(("x-ms-exchange-inbox-rules-loop", "a@b")), SENDER, "person", "", True, "person"),
    ("List-Id", mail(("list-id", "<a.b>")), SENDER, "list", "", False, "list header"),
    ("List-Unsubscribe", mail(("list-unsubscribe", "<mailto:a@b>")), SENDER, "list", "", False, "list header"),
    ("List-Post", mail(("list-post", "NO")), SENDER, "list", "", False, "list header"),
    ("a list's archive alone", mail(("list-archive", "<https://a.example>")), SENDER, "person", "", True, "person"),
    ("List-Id with nothing in it", mail(("list-id", "")), SENDER, "person", "", True, "person"),
    ("Precedence: list", mail(("precedence", "list")), SENDER, "list", "", False, "precedence list"),
    ("X-Precedence: list", mail(("x-precedence", "LIST")), SENDER, "list", "", False, "precedence list"),
    ("a machine's away subject", mail(("auto-submitted", "auto-generated"), subject="Out of office until Monday"),
     SENDER, "automatic", "out-of-office", False, "away subject, declared"),
    ("Outlook's suppression is no declaration", mail(OUTLOOK, subject="Out of office printer is broken"), SENDER,
     "person", "", False, "x-auto-response-suppress"),
    ("auto-generated", submitted("auto-generated"), SENDER, "automatic", "", False, "auto-submitted"),
    ("a word that nobody knows", submitted("auto-notified"), SENDER, "automatic", "", False, "auto-submitted"),
    ("Precedence: bulk", mail(("precedence", "bulk")), SENDER, "automatic", "", False, "precedence"),
    ("Precedence: Junk", mail(("precedence", "Junk")), SENDER, "automatic", "", False, "precedence"),
    ("X-Precedence: bulk", mail(("x-precedence", "bulk")), SENDER, "automatic", "", False, "precedence"),
    ("Precedence: first-class", mail(("precedence", "first-class")), SENDER, "person", "", True, "person"),
    ("X-FC-MachineGenerated", mail(("x-fc-machinegenerated", "True")), SENDER, "automatic", "", False,
     "x-fc-machinegenerated"),
    ("X-FC-MachineGenerated: false", mail(("x-fc-machinegenerated", "false")), SENDER, "person", "", True, "person"),
    ("Amazon's notification", mail(("x-amazon-mail-relay-type", "notification")), SENDER, "automatic", "", False,
     "x-amazon-mail-relay-type"),
    ("Amazon's relay of a person", mail(("x-amazon-mail-relay-type", "buyer")), SENDER, "person", "", True, "person"),
    ("a null sender", mail(), "", "automatic", "", False, "null sender"),
    ("a null sender in Return-Path alone", mail(("return-path", "<>")), SENDER, "automatic", "", False, "null sender"),
    ("a sender in Return-Path", mail(("return-path", "<a@b.example>")), SENDER, "person", "", True, "person"),
    *((f"from {local}", mail(local=local), SENDER, "automatic", "", False, "address that nobody reads")
      for local in ("mailer-daemon", "NoReply", "no-reply", "donotreply", "do-not-reply", "no_reply", "no-reply+17",
                    "jira-noreply", "noreply-orders")),
    *((f"from {local}", mail(local=local), SENDER, "person", "", True, "person")
      for local in ("reply", "noreplay", "casinoreply", "noreplyhan", "postmaster.jones", "no-relay")),
    ("an away subject", mail(subject="Automatic reply: Printer"), SENDER, "automatic", "out-of-office", False,
     "away subject"),
    ("an away subject of a person", mail(("auto-submitted", "no"), subject="Automatic reply: Printer"), SENDER,
     "person", "", True, "person"),
    ("nearly an away subject", mail(subject="Automatic reply does not work"), SENDER, "person", "", True, "person"),
    ("sent on by a rule", submitted("Auto-Forwarded"), SENDER, "person", "", False, "auto-forwarded"),
    ("a person's Outlook", mail(OUTLOOK), SENDER, "person", "", False, "x-auto-response-suppress"),
    ("Outlook that suppresses nothing", mail(("x-auto-response-suppress", "None")), SENDER, "person", "", True,
     "person"),
    ("X-Loop", mail(("x-loop", "a@b")), SENDER, "person", "", False, "x-loop"),
    ("X-Loop with nothing in it", mail(("x-loop", "")), SENDER, "person", "", False, "x-loop"),
    ("X-No-Loop", mail(("x-no-loop", "yes")), SENDER, "person", "", False, "x-loop"),
]  # fmt: skip


@pytest.mark.parametrize(("sort", "wanted"), [(c[1:3], c[3:]) for c in CASES], ids=[c[0] for c in CASES])
def test_a_mail_is_of_the_kind_that_it_says(sort, wanted):
    """… and the row that decides is the one that the table is meant to have for it."""
    found = classify(*sort, POLICY)
    assert (found.kind, found.detail, found.answerable, found.rule) == wanted


def test_only_a_person_is_answerable():
    assert [rule.name for rule in RULES if rule.answerable] == ["person"]


def test_a_web_form_may_send_from_an_address_that_nobody_reads():
    """The rule about local parts alone is not for [trust] forms: what the form's mail declares still counts."""
    forms = replace(POLICY, trust=replace(POLICY.trust, forms=frozenset({"noreply@customer.example"})))
    assert classify(mail(local="NoReply"), SENDER, forms).answerable
    assert classify(mail(local="no-reply"), SENDER, forms).kind == "automatic"
    assert classify(mail(("auto-submitted", "auto-generated"), local="noreply"), SENDER, forms).kind == "automatic"


@pytest.mark.parametrize("template", ["acknowledgement", "assignment", "notice-failed"])
def test_our_automatic_mail_that_comes_back_is_our_own_though_a_relay_rewrote_its_id(template):
    """And a desk with another key takes it for a machine's."""
    raw = made(template).raw
    for back in (raw, raw.replace(b"Message-ID: <", b"Message-ID: <relay.")):
        assert classify(parse(back), SENDER, POLICY).kind == "own"
        assert classify(parse(back), SENDER, FORGER).kind == "automatic"


def test_an_answer_that_a_person_gave_is_no_automatic_mail_to_another_desk():
    assert classify(parse(made("answer").raw), SENDER, FORGER).answerable


def test_a_mark_made_with_an_older_key_is_our_own():
    older = replace(POLICY, secrets=(b"a newer secret", *POLICY.secrets))
    assert classify(mail((LOOP, OWN_MARK)), SENDER, older).kind == "own"


def test_who_is_held_for_a_machine_is_one_whatever_their_mail_says():
    """Mail that is a bounce, or automatic by its own word, stays what it is."""
    person, bounce = classify(mail(), SENDER, POLICY), classify(report("delivery-status"), SENDER, POLICY)
    assert (held(person).kind, held(person).detail, held(person).answerable) == ("automatic", "held", False)
    assert held(bounce) == bounce
