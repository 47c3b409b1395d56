"""What proves that an agent's mail is that agent's: a table for each kind, one line a case."""

from dataclasses import replace

import pytest
from letters import ANNA, MARIA
from proving import AGENT, HERS, MX, SIGNED, TO_ANNA, TRUSTING, arrived
from worlds import BORIS, POLICY, context, parsed, sent

from mailticket.core.classify import Sort
from mailticket.core.proof import by_login, by_reference, proof, refused_by_relay, sender_proved
from mailticket.core.types import Address

PERSON = Sort("person", "person", answerable=True)
REFERENCES = {
    "an assignment of hers": (TO_ANNA, True),
    "an assignment of hers to her alias": (replace(TO_ANNA, recipients=("Anna.D@ACME.example",)), True),
    "the reply address of an assignment of hers": (replace(TO_ANNA, purpose="reply"), True),
    "the acknowledgement of her own request": (sent(1, "customer", ANNA.address), True),
    "the note address of an assignment of hers": (replace(TO_ANNA, purpose="note"), True),
    "a mail of ours without a ticket": (replace(TO_ANNA, ticket=None), True),
    "the address of a link in a list of hers": (replace(TO_ANNA, ticket=None, purpose="ask"), True),
    "the bounce address of an assignment of hers": (replace(TO_ANNA, purpose="bounce"), False),
    "an assignment that somebody outside has seen": (replace(TO_ANNA, spent=True), False),
    "a colleague's assignment": (sent(1, "agent", BORIS.address), False),
    "a mail to her and the customer": (replace(TO_ANNA, recipients=(ANNA.address, MARIA.address)), False),
    "a customer's acknowledgement": (sent(1, "customer", MARIA.address), False),
    "a mail to nobody": (replace(TO_ANNA, recipients=()), False),
}


@pytest.mark.parametrize("case", REFERENCES)
def test_a_reference_proves_whom_alone_we_sent_it_to(case):
    """Who else could know it?"""
    reference, proves = REFERENCES[case]
    known = context(signed=(sent(2, "customer", MARIA.address), reference))
    assert by_reference(AGENT, known) == (reference if proves else None)


def test_a_note_address_proves_less_than_any_other_reference_and_that_of_a_link_the_least():
    note, link = replace(TO_ANNA, purpose="note"), replace(TO_ANNA, ticket=None, purpose="ask")
    assert by_reference(AGENT, context(signed=(link, note, TO_ANNA))) == TO_ANNA
    assert by_reference(AGENT, context(signed=(link, note))) == note
    assert by_reference(AGENT, context(signed=(note, TO_ANNA))) == TO_ANNA
    assert by_reference(AGENT, context(signed=(note, replace(TO_ANNA, spent=True)))) == note


LOGINS = {
    "her address": ("anna@acme.example", True),
    "her address in capitals": ("ANNA@acme.example", True),
    "her alias": ("anna.d@acme.example", True),
    "a colleague": ("boris@acme.example", False),
    "nobody": ("", False),
}


@pytest.mark.parametrize("case", LOGINS)
def test_a_login_proves_the_agent_who_logged_in(case):
    """A colleague's login proves the colleague, and From says otherwise."""
    auth, proves = LOGINS[case]
    assert by_login(arrived(auth=auth), AGENT) is proves


def saying(*fields: str, from_: Address | None = ANNA, **more):
    return parsed(from_, "Hello", *(("authentication-results", f"{MX}; {f}") for f in fields), **more)


# What the trusted server says, whether it proves, whether it refuses.
RESULTS = {
    "dmarc passed": ("dmarc=pass header.from=acme.example", True, False),
    "dmarc passed, in capitals": ("dmarc=PASS header.from=ACME.example", True, False),
    "dmarc passed for a whole address": ("dmarc=pass header.from=anna@acme.example", True, False),
    "dmarc passed for another domain": ("dmarc=pass header.from=evil.example", False, False),
    "dmarc passed for a domain below": ("dmarc=pass header.from=mail.acme.example", False, False),
    "dmarc passed for nobody": ("dmarc=pass", False, False),
    "dmarc passed for what spf was asked": ("dmarc=pass smtp.mailfrom=acme.example", False, False),
    "dmarc has no policy": ("dmarc=none header.from=acme.example", False, False),
    "spf alone": ("spf=pass smtp.mailfrom=acme.example", False, False),
    "dkim passed": ("dkim=pass header.d=acme.example", True, False),
    "dkim passed, by identity": ("dkim=pass header.i=@acme.example", True, False),
    "dkim passed for an identity of another domain": ("dkim=pass header.d=evil.example header.i=@acme.example",
                                                      False, False),
    "dkim passed for a bulk mailer": ("dkim=pass header.d=mailer.example", False, False),
    "dkim passed for the top-level domain": ("dkim=pass header.d=example", False, False),
    "dkim passed for nobody": ("dkim=pass", False, False),
    "dkim passed in a comment": ("dkim=none (dkim=pass header.d=acme.example)", False, False),
    "dkim passed with a comment between": ("dkim=pass (2048 bit) header.d=acme.example", True, False),
    "dkim failed": ("dkim=fail header.d=acme.example", False, True),
    "dkim failed for nobody": ("dkim=fail", False, True),
    "dkim failed for a bulk mailer": ("dkim=fail header.d=mailer.example", False, False),
    "dkim failed for one key, passed for another": ("dkim=fail header.d=acme.example; dkim=pass header.d=acme.example",
                                                       True, False),
    "dkim failed, somebody else's passed": ("dkim=fail header.d=acme.example; dkim=pass header.d=evil.example",
                                            False, True),
    "dkim found an error": ("dkim=temperror header.d=acme.example", False, False),
    "dmarc failed": ("dmarc=fail header.from=acme.example", False, True),
    "dmarc failed, dkim passed": ("dkim=pass header.d=acme.example; dmarc=fail header.from=acme.example", False, True),
    "dmarc failed in quotes": ('spf=pass smtp.mailfrom="dmarc=fail"', False, False),
    "nothing was done": ("none", False, False),
}  # fmt: skip


@pytest.mark.parametrize("case", RESULTS)
def test_a_trusted_server_proves_or_refuses_by_dmarc_and_dkim(case):
    """SPF is about the envelope, and says nothing of From."""
    field, proves, refuses = RESULTS[case]
    mail = saying(field)
    assert sender_proved(mail, arrived(), TRUSTING) is proves
    assert bool(refused_by_relay(mail, arrived(), TRUSTING)) is refuses


def test_the_reason_of_a_refusal_names_the_server_and_the_method():
    """It is what a person reads in the quarantine list."""
    assert refused_by_relay(saying("dmarc=fail"), arrived(), TRUSTING) == "mx.acme.example says dmarc=fail"


PASS = "dmarc=pass header.from=acme.example"
NOT_SO = {
    "two Froms": (saying(PASS, from_count=2), arrived(), TRUSTING),
    "no From": (saying(PASS, from_=None), arrived(), TRUSTING),
    "a From without a domain": (saying("dmarc=pass header.from=", from_=Address("anna")), arrived(), TRUSTING),
    "an address as the name": (saying(PASS, from_=Address("eve@evil.example", ANNA.address)), arrived(), TRUSTING),
    "a stranger's connection": (saying(PASS), arrived("smtp", peer="198.51.100.7"), TRUSTING),
    "an untrusted server": (saying(PASS), arrived(), POLICY),
    "a forged field below": (saying("none", PASS), arrived(), TRUSTING),
    "an agent's own client": (saying(PASS), arrived("smtp", auth="boris@acme.example"), TRUSTING),
}  # fmt: skip


@pytest.mark.parametrize("case", NOT_SO)
def test_a_good_result_alone_is_not_enough(case):
    """It is about one From, and counts by trusted roads."""
    assert not sender_proved(*NOT_SO[case])


def test_a_customer_is_proved_as_an_agent_is():
    """For answers that repeat their words."""
    assert sender_proved(saying("dmarc=pass header.from=customer.example", from_=MARIA), arrived(), TRUSTING)


# --- together ---------------------------------------------------------------------------------------------------

REFERRED = {"signed": (TO_ANNA,)}
NOTED = {"signed": (replace(TO_ANNA, purpose="note"),)}
LINKED = {"signed": (replace(TO_ANNA, ticket=None, purpose="ask"),)}
TOGETHER = {
    "nothing": (HERS, arrived(), {}, ""),
    "a reference": (HERS, arrived(), REFERRED, "reference"),
    "a login": (HERS, arrived("smtp", auth=ANNA.address), {}, "login"),
    "a login and a reference": (HERS, arrived("smtp", auth=ANNA.address), REFERRED, "login"),
    "a colleague's login": (HERS, arrived("smtp", auth=BORIS.address), {}, ""),
    "a trusted server's word": (saying(PASS), arrived(), {}, "authentication-results"),
    "a signature": (HERS, arrived(), {"dkim": (SIGNED,)}, "dkim"),
    "a signature and a reference": (HERS, arrived(), REFERRED | {"dkim": (SIGNED,)}, "reference"),
    "a reference, but dmarc failed": (saying("dmarc=fail"), arrived(), REFERRED, ""),
    "a signature and a note address": (HERS, arrived(), NOTED | {"dkim": (SIGNED,)}, "dkim"),
    "a note address": (HERS, arrived(), NOTED, "reference"),
    "a link": (HERS, arrived(), LINKED, "reference"),
    "a signature and a link": (HERS, arrived(), LINKED | {"dkim": (SIGNED,)}, "dkim"),
    "a login and a link": (HERS, arrived(auth=ANNA.address), LINKED, "login"),
    "a link, but dmarc failed": (saying("dmarc=fail"), arrived(), LINKED, ""),
    "a signature, but dmarc failed": (saying("dmarc=fail"), arrived(), {"dkim": (SIGNED,)}, ""),
    "dmarc failed, released": (saying("dmarc=fail"), arrived(released=True), {}, "released"),
    "a login, and dmarc=fail that its client wrote": (saying("dmarc=fail"), arrived(auth=ANNA.address), {}, "login"),
    "released": (HERS, arrived(released=True), {}, "released"),
    "two Froms and a reference": (replace(HERS, from_count=2), arrived(), REFERRED, ""),
    "two Froms and a login": (replace(HERS, from_count=2), arrived(auth=ANNA.address), {}, ""),
    "two Froms, released": (replace(HERS, from_count=2), arrived(released=True), {}, "released"),
}


@pytest.mark.parametrize("case", TOGETHER)
def test_the_kinds_of_proof_stand_beside_each_other(case):
    """What says most of this very mail names the proof; a trusted server's "fail" overrules all but a person."""
    mail, raw, known, kind = TOGETHER[case]
    found = proof(mail, raw, AGENT, PERSON, context(**known), TRUSTING)
    assert (found.kind if found else "") == kind
    if found:
        bears = known["signed"][0] if "signed" in known else None
        assert found.sent == (None if kind == "dkim" or case == "a login and a link" else bears)
        assert found.alone == {"a note address": "note", "a link": "ask"}.get(case, "")
        assert found.this_mail is (kind != "reference")
        assert found.dkim == (SIGNED if kind == "dkim" else None)


@pytest.mark.parametrize("kind", ["automatic", "bounce", "list", "own"])
def test_automatic_mail_proves_nothing(kind):
    """Not by any kind: an out-of-office would obey, release and answer."""
    known = context(signed=(TO_ANNA,), dkim=(SIGNED,))
    for raw in (arrived(), arrived("smtp", auth=ANNA.address), arrived(released=True)):
        assert proof(saying(PASS), raw, AGENT, Sort(kind, "a rule"), known, TRUSTING) is None


def test_who_is_no_agent_proves_nothing():
    """An agent who left the config is none, whatever they still hold."""
    assert proof(HERS, arrived(), None, PERSON, context(signed=(TO_ANNA,)), TRUSTING) is None
