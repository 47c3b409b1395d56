"""What a DKIM signature proves of an agent's mail, and what of the mail may then be read."""

from dataclasses import replace
from datetime import timedelta

import pytest
from letters import ANNA, MARIA
from proving import HERS, SIGNED, TO_ANNA, TRUSTING, arrived
from worlds import BORIS, FORGER, NOW, SUPPORT, context, parsed, sent

from mailticket.core.identity import message_id, reply_address
from mailticket.core.proof import by_dkim, identity_of, narrowed
from mailticket.core.types import Address, ParsedMail

DKIM = {
    "as it should be": (HERS, SIGNED, True),
    "by the domain above": (replace(HERS, from_=Address("anna@mail.acme.example")), SIGNED, True),
    "by a domain below": (HERS, replace(SIGNED, domain="mail.acme.example"), False),
    "by another domain": (HERS, replace(SIGNED, domain="evil.example"), False),
    "by the top-level domain": (HERS, replace(SIGNED, domain="example"), False),
    "a part of the body only": (HERS, replace(SIGNED, whole=False), False),
    "From not signed": (HERS, replace(SIGNED, signed=SIGNED.signed - {"from"}), False),
    "To not signed": (HERS, replace(SIGNED, signed=SIGNED.signed - {"to"}), False),
    "Subject not signed": (HERS, replace(SIGNED, signed=SIGNED.signed - {"subject"}), False),
    "Date not signed": (HERS, replace(SIGNED, signed=SIGNED.signed - {"date"}), False),
    "Message-ID not signed": (HERS, replace(SIGNED, signed=SIGNED.signed - {"message-id"}), True),
    "two Froms": (replace(HERS, from_count=2), SIGNED, False),
    "three days old": (replace(HERS, date=NOW - timedelta(days=3)), SIGNED, True),
    "four days old": (replace(HERS, date=NOW - timedelta(days=4)), SIGNED, False),
    "four days ahead": (replace(HERS, date=NOW + timedelta(days=4)), SIGNED, False),
    "without a date": (replace(HERS, date=None), SIGNED, False),
    "to the reply address": (replace(HERS, to=(Address("support+rabc@acme.example"),)), SIGNED, True),
    "to another address of the department": (replace(HERS, to=(Address("HELP@acme.example"),)), SIGNED, True),
    "to somebody else, brought here": (replace(HERS, to=(MARIA,)), SIGNED, False),
    "to another department, brought here": (replace(HERS, to=(Address("sales@acme.example"),)), SIGNED, False),
    "the desk in Cc, which is not signed": (replace(HERS, to=(MARIA,), cc=(Address(SUPPORT),)), SIGNED, False),
    "the desk in Cc, signed": (
        replace(HERS, to=(MARIA,), cc=(Address(SUPPORT),)), replace(SIGNED, signed=SIGNED.signed | {"cc"}), True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DKIM)
def test_a_signature_proves_a_mail_that_was_made_for_us_lately(case):
    """Whoever got a signed mail of the agent's can bring it here; that must not be an order."""
    mail, signature, proves = DKIM[case]
    other = replace(SIGNED, domain="mailer.example")
    assert by_dkim(mail, arrived("smtp", peer="198.51.100.7"), (other, signature), TRUSTING) == (
        signature if proves else None
    )


def test_one_of_two_departments_that_a_mail_was_delivered_to_is_enough():
    """The other stood in an unsigned Cc, or came by a rule of the mail server."""
    assert by_dkim(HERS, arrived(to=("sales@acme.example", SUPPORT)), (SIGNED,), TRUSTING) == SIGNED
    assert by_dkim(HERS, arrived(to=("elsewhere@acme.example",)), (SIGNED,), TRUSTING) is None


OF_BORIS = sent(2, "agent", BORIS.address)
ID = message_id(TO_ANNA.ref, TRUSTING)
PLUS = reply_address(SUPPORT, OF_BORIS.ref, TRUSTING)


def replying(**fields):
    values = {
        "in_reply_to": (ID,), "references": (ID,), "to": (Address(SUPPORT),), "cc": (MARIA,),
        "reply_to": (Address("eve@evil.example"),),
    } | fields  # fmt: skip
    return parsed(ANNA, "#resolve", ("in-reply-to", ID), ("references", ID), **values)


NARROWED = {
    "nothing else signed": ((), (), ()),
    "In-Reply-To alone": (("in-reply-to",), (TO_ANNA,), ()),
    "References alone": (("references",), (TO_ANNA,), ()),
    "both": (("in-reply-to", "references"), (TO_ANNA,), (7,)),
}


@pytest.mark.parametrize("case", NARROWED)
def test_what_a_signed_mail_refers_to_is_read_from_signed_headers_alone(case):
    """Else whoever brings it again chooses the ticket that it closes."""
    more, signed, referenced = NARROWED[case]
    known = context(signed=(TO_ANNA, OF_BORIS), referenced=(7,))
    left, rest = narrowed(replying(), known, replace(SIGNED, signed=SIGNED.signed | set(more)), TRUSTING)
    assert (rest.signed, rest.referenced) == (signed, referenced)
    assert left.in_reply_to == ((ID,) if "in-reply-to" in more else ())
    assert left.references == ((ID,) if "references" in more else ())
    assert (left.cc, left.reply_to) == ((), ())


def test_marks_in_the_envelope_and_in_an_unsigned_cc_are_not_read():
    """To is signed; the envelope is whoever's who brings the mail."""
    known = context(signed=(OF_BORIS,))
    marked = replace(OF_BORIS, purpose="reply")
    _, rest = narrowed(replying(cc=(Address(PLUS),)), known, SIGNED, TRUSTING)
    assert rest.signed == ()
    _, rest = narrowed(replying(to=(Address(PLUS),)), context(signed=(OF_BORIS, marked)), SIGNED, TRUSTING)
    assert rest.signed == (marked,)


def test_headers_that_are_not_there_need_no_signature():
    """A mail without References does not lose what its signed In-Reply-To points at."""
    mail = parsed(ANNA, "x", ("in-reply-to", "<other@x>"), in_reply_to=("<other@x>",))
    signature = replace(SIGNED, signed=SIGNED.signed | {"in-reply-to"})
    assert narrowed(mail, context(referenced=(7,)), signature, TRUSTING)[1].referenced == (7,)


def test_a_reference_made_without_the_key_survives_nothing():
    """`find_refs` verifies it; a store that named it by mistake does not matter."""
    forged = message_id(TO_ANNA.ref, FORGER)
    mail = replying(in_reply_to=(forged,), references=(forged,))
    signature = replace(SIGNED, signed=SIGNED.signed | {"in-reply-to", "references"})
    assert narrowed(mail, context(signed=(TO_ANNA,)), signature, TRUSTING)[1].signed == ()


NAMED = (("to", "Support <support@acme.example>"), ("subject", "Re: [ACME-1] Hello"), ("date", "Mon, 23 Nov 2026"))
HERS_NAMED = replace(HERS, headers=NAMED)


def changed(name: str, value: str) -> ParsedMail:
    return replace(HERS, headers=tuple((n, value if n == name else v) for n, v in NAMED))


# An agent's mail that somebody may have brought before, and whether it is the same.
AGAIN = {
    "as it was": (HERS_NAMED, True),
    "with another Message-ID": (replace(HERS_NAMED, message_id="<another@evil.example>"), True),
    "without Message-ID": (replace(HERS_NAMED, message_id=""), True),
    "with a new signature": (replace(HERS_NAMED, headers=(("dkim-signature", "h=message-id"), *NAMED)), True),
    "with other references": (replace(HERS_NAMED, in_reply_to=("<x@y>",), references=("<x@y>",)), True),
    "folded": (changed("subject", "Re:  [ACME-1]\tHello"), True),
    "with a broken letter that folding mends": (changed("subject", "Re: [ACME-1] Hello\ufffd"), True),
    "with another subject": (changed("subject", "Re: [ACME-2] Hello"), False),
    "to another department": (changed("to", "sales@acme.example"), False),
    "a second later": (changed("date", "Mon, 24 Nov 2026"), False),
    "with a second subject": (replace(HERS, headers=(*NAMED, ("subject", "Hello"))), False),
}


@pytest.mark.parametrize("case", AGAIN)
def test_an_agents_mail_that_is_brought_again_has_the_same_name(case):
    """By what each signature has to cover, whatever proves the mail this time and whatever signs it besides."""
    mail, same = AGAIN[case]
    assert (identity_of(mail, TRUSTING) == identity_of(HERS_NAMED, TRUSTING)) is same


def test_anybody_elses_mail_has_its_message_id_for_a_name():
    """A machine of a customer's may say the same twice in a second. No signature proves it."""
    hers = replace(HERS_NAMED, from_=MARIA)
    assert identity_of(hers, TRUSTING) == hers.message_id
    assert identity_of(replace(hers, from_=None), TRUSTING) == hers.message_id


def test_an_agents_mail_without_a_date_has_its_message_id_for_a_name():
    """No signature proves it, and what is left says too little."""
    assert identity_of(replace(HERS_NAMED, date=None), TRUSTING) == HERS.message_id
