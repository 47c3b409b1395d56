"""Signed references and subjects: what proves something, what does not, and what must not cross."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from letters import desk, mail
from pace import busy_under

from mailticket.core.identity import (
    ask_address,
    bounce_address,
    derive_ref,
    find_refs,
    message_id,
    note_address,
    refs_in_bytes,
    reply_address,
    scrub,
)
from mailticket.core.keys import address_key
from mailticket.core.policy import Agent, Department
from mailticket.core.subject import MAX_SUBJECT, base, find_tags, strip_tags, tag, tagged
from mailticket.core.types import Address

POLICY = desk()
BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
causes = st.text(st.characters(codec="utf-8"), max_size=40)
refs = st.builds(derive_ref, st.just(POLICY.secrets[0]), causes, st.integers(0, 99))
forged = st.text(BASE32, min_size=29, max_size=29)
MADE = {"reply": reply_address, "note": note_address, "ask": ask_address, "bounce": bounce_address}


def of_id(value: str, policy=POLICY):
    return find_refs(mail(in_reply_to=(value,)), (), policy)


def of_address(value: str, policy=POLICY):
    return find_refs(mail(), (value,), policy)


@given(causes, st.integers(0, 10_000))
def test_a_ref_is_derived_and_not_random(cause, n):
    """The same cause and n make the same 64 bits; another n, cause or secret makes others."""
    ref = derive_ref(b"key", cause, n)
    assert ref == derive_ref(b"key", cause, n)
    assert len(ref) == 13
    assert set(ref) <= set(BASE32)
    assert ref not in {
        derive_ref(b"key", cause, n + 1),
        derive_ref(b"key", cause + "1", n),
        derive_ref(b"yek", cause, n),
    }


def test_cause_and_n_do_not_run_together():
    assert derive_ref(b"key", "inbox1", 2) != derive_ref(b"key", "inbox", 12)


@given(refs, st.sampled_from([str.upper, str.title, str.lower]))
def test_every_mark_is_found_again_in_any_case(ref, respell):
    """Relays and clients change the case of local parts: each mark still names its ref and purpose."""
    assert of_id(respell(message_id(ref, POLICY))) == (("message", ref),)
    for purpose, make in MADE.items():
        assert of_address(respell(make("support@acme.example", ref, POLICY) or "")) == ((purpose, ref),)


@given(forged)
def test_nothing_is_forged_without_the_key(mark):
    assert of_id(f"<{mark[:13]}.{mark[13:]}@{POLICY.hostname}>") == ()
    assert [of_address(f"support+{purpose[0]}{mark}@acme.example") for purpose in MADE] == [()] * len(MADE)


@given(refs, st.integers(0, 28), st.sampled_from(BASE32), st.sampled_from([*MADE]))
def test_one_changed_letter_breaks_a_mark(ref, place, letter, purpose):
    before = f"support+{purpose[0]}"
    whole = (MADE[purpose]("support@acme.example", ref, POLICY) or "").partition(before)[2].partition("@")[0]
    if whole[place] == letter:
        return
    broken = whole[:place] + letter + whole[place + 1 :]
    assert of_address(f"{before}{broken}@acme.example") == ()


@given(refs, st.sampled_from([*MADE]))
def test_a_mark_for_one_purpose_proves_nothing_as_another(ref, purpose):
    marked = MADE[purpose]("support@acme.example", ref, POLICY) or ""
    mac = marked.partition(f"+{purpose[0]}")[2].partition("@")[0][13:]
    others = [other for other in MADE if other != purpose]
    assert [of_address(marked.replace(f"+{purpose[0]}", f"+{other[0]}")) for other in others] == [()] * len(others)
    assert of_id(f"<{ref}.{mac}@{POLICY.hostname}>") == ()


def test_the_first_secret_signs_and_all_verify():
    old, new = desk(secrets=(b"old",)), desk(secrets=(b"new", b"old"))
    ref = derive_ref(b"old", "x", 1)
    assert of_id(message_id(ref, old), new) == (("message", ref),)
    assert of_id(message_id(ref, new), old) == ()


def test_the_host_is_not_compared():
    """Hosts are renamed, and relays rewrite what stands right of the @."""
    ref = derive_ref(POLICY.secrets[0], "x", 1)
    assert of_id(message_id(ref, desk(hostname="before.example"))) == (("message", ref),)


def test_references_are_found_nearest_first_and_once():
    a, b, c, d = (derive_ref(POLICY.secrets[0], "x", n) for n in range(4))
    id_a, id_b, id_c = (message_id(ref, POLICY) for ref in (a, b, c))
    reply = reply_address("support@acme.example", d, POLICY) or ""
    found = find_refs(
        mail(in_reply_to=(id_b,), references=(id_a, id_b, "<x@y>", id_c), cc=(Address(reply),)),
        (reply.upper(),),
        POLICY,
    )
    assert found == (("message", b), ("message", c), ("message", a), ("reply", d))


def test_only_two_hundred_ids_are_looked_at():
    ref = derive_ref(POLICY.secrets[0], "x", 1)
    many = (message_id(ref, POLICY), *(f"<{n}@x>" for n in range(200)))
    assert find_refs(mail(references=many), (), POLICY) == ()


@pytest.mark.parametrize(
    ("base_address", "made"),
    [
        ("s@a.example", True),
        ("s" * 33 + "@a.example", True),
        ("s" * 34 + "@a.example", False),
        ("ž" * 17 + "@a.example", False),
    ],
)
def test_a_local_part_is_never_over_64_octets(base_address, made):
    for make in MADE.values():
        address = make(base_address, "a" * 13, POLICY)
        assert (address is not None) is made
        assert len((address or "").rpartition("@")[0].encode()) <= 64


def test_there_are_no_signed_addresses_where_plus_addresses_are_off():
    policy = desk(plus_addresses=False)
    assert [make("s@a.example", "a" * 13, policy) for make in MADE.values()] == [None] * len(MADE)


# --- the key of an address, and marks in any bytes ------------------------------------------------------------

spellings = st.text("aAkKsSiI\u212a\u017f\u0130\u0131ßẞéÉ@.", max_size=8)


@given(spellings, spellings)
def test_two_addresses_with_one_key_differ_in_ascii_case_only(one, other):
    same = [
        a == b or (a.isascii() and b.isascii() and a.lower() == b.lower()) for a, b in zip(one, other, strict=False)
    ]
    assert (address_key(one) == address_key(other)) is (all(same) and len(one) == len(other))


def test_a_lookalike_of_an_agent_or_a_department_is_neither():
    support = replace(POLICY.departments[0], addresses=("desk@acme.example",))
    policy = desk(
        departments=(support,), agents=(Agent("Mark", "mark@acme.example", aliases=("strass@acme.example",)),)
    )
    assert policy.agent_of("MARK@acme.EXAMPLE")
    assert policy.department_of("DESK+x@acme.example")
    assert not policy.agent_of("mar\u212a@acme.example")
    assert not policy.agent_of("stra\u00df@acme.example")
    assert not policy.department_of("des\u212a@acme.example")


WRAPPED = [
    lambda mark: mark.encode(),
    lambda mark: b"\x00\xff" + mark.upper().encode() + b"\x00",
    lambda mark: mark.encode("utf-16"),
    lambda mark: mark.replace("@", "=40").encode(),
    lambda mark: mark.replace("@", "&#64;").replace("+", "&#43;").encode(),
]


@given(refs, st.sampled_from(WRAPPED))
def test_every_mark_is_found_in_any_bytes(ref, wrapped):
    for purpose, make in MADE.items():
        assert refs_in_bytes(wrapped(make("support@acme.example", ref, POLICY)), POLICY) == ((purpose, ref),)
    assert refs_in_bytes(wrapped(message_id(ref, POLICY)), POLICY) == (("message", ref),)


@given(forged, st.binary(max_size=50))
def test_no_mark_is_found_in_bytes_that_have_none(mark, around):
    data = around + f"<{mark[:13]}.{mark[13:]}@x> support+r{mark}@a.example s+n{mark}@a.example".encode() + around
    assert refs_in_bytes(data, POLICY) == ()


@pytest.mark.parametrize("bad", [b"a" * 16 + b"@", b"@", b"a" * 13 + b"." + b"a" * 16 + b"@", b"\0=40"])
@busy_under(5)
def test_ten_megabytes_of_anything_are_searched_soon(bad):
    assert refs_in_bytes(bad * (10_000_000 // len(bad)), POLICY) == ()


# --- what crosses to a customer ------------------------------------------------------------------------------


@given(refs, st.text(" \n<>:,;x+@é", max_size=20), st.sampled_from(["{}", "mailto:{}", "<{}>", '<a href="mailto:{}">']))
def test_no_signed_mark_survives_scrubbing(ref, around, form):
    """Whatever stands around them, addresses become plain ones and Message-IDs go."""
    addresses = [make("support@acme.example", ref, POLICY) or "" for make in MADE.values()]
    addresses.append((bounce_address("help@acme.example", ref, POLICY) or "").upper())
    text = around.join(["", *map(form.format, addresses), message_id(ref, POLICY), ""])
    clean = scrub(text, POLICY)
    assert ref not in clean.lower()
    assert "support@acme.example" in clean
    assert "help@acme.example" in clean.lower()
    assert scrub(clean, POLICY) == clean


@pytest.mark.parametrize(
    ("plus_sign", "at"), [("%2B", "%40"), ("&#43;", "&#64;"), ("&plus;", "&commat;"), ("&#x2b;", "@")]
)
@pytest.mark.parametrize("make", MADE.values(), ids=[*MADE])
def test_escaped_marks_are_scrubbed_too(plus_sign, at, make):
    ref = derive_ref(POLICY.secrets[0], "x", 1)
    made = make("support@acme.example", ref, POLICY) or ""
    address, own_id = made.replace("+", plus_sign).replace("@", at), message_id(ref, POLICY)[1:-1].replace("@", at)
    text = f"see {address} or &lt;{own_id}&gt;."
    assert scrub(text, POLICY) == f"see support{at}acme.example or ."


@pytest.mark.parametrize("letter", "rnb")
def test_marks_that_do_not_check_out_are_scrubbed_from_our_addresses_only(letter):
    mark = f"+{letter}" + "a" * 29
    assert scrub(f"support{mark}@acme.example", POLICY) == "support@acme.example"
    assert scrub(f"bob{mark}@other.example", POLICY) == f"bob{mark}@other.example"
    ours = f"<{'a' * 13}.{'b' * 16}@{POLICY.hostname}>"
    theirs = f"<{'a' * 13}.{'b' * 16}@other.example>"
    assert scrub(ours + theirs, POLICY) == theirs


@given(st.text(max_size=200))
def test_scrubbing_leaves_other_text_alone(text):
    assert scrub(text, POLICY) == text


@pytest.mark.parametrize(
    "bad", ["a" * 10**6, "+r" * 500_000, ("." + "a" * 16) * 60_000, "support+r" * 110_000, "@" * 10**6]
)
@busy_under(5)
def test_scrubbing_a_megabyte_of_anything_ends_soon(bad):
    assert scrub(bad + "@", POLICY) == bad + "@"


def test_departments_with_special_letters_are_scrubbed():
    support = POLICY.departments[0]
    odd = Department("D", ("a.b*c@d-e.example",), "x", support.hours, support.zone, frozenset())
    policy = desk(departments=(support, odd))
    assert scrub(f"a.b*c+b{'2' * 29}@d-e.example", policy) == "a.b*c@d-e.example"


# --- subjects ------------------------------------------------------------------------------------------------


def test_a_tagged_subject_reads_as_documented():
    assert tag(1042, POLICY) == "[ACME-1042]"
    assert tagged("Printer on fire", 1042, POLICY, reply=True) == "Re: [ACME-1042] Printer on fire"
    assert tagged("Printer on fire", 1042, POLICY, reply=False) == "[ACME-1042] Printer on fire"
    assert tagged(" \r\n ", 1, POLICY, reply=False) == "[ACME-1] (no subject)"


@pytest.mark.parametrize(
    "subject",
    ["AW: Re: [ACME-1042] Printer on fire", "RE[2]: Fwd: Printer on fire", "Antw: [acme-1042] SV: Printer  on\r\n fire",
     "TR: Odp: [ACME-7] [ACME-1042] Printer on fire", "回复\uff1aPrinter on fire", "Re (3): Printer on fire (fwd)"],
)  # fmt: skip
def test_subjects_of_one_conversation_have_one_base(subject):
    """Whatever clients of the world put around it, ours comes out the same, so that theirs thread."""
    assert tagged(subject, 1042, POLICY, reply=True) == "Re: [ACME-1042] Printer on fire"


@pytest.mark.parametrize(
    "subject", ["Reply needed", "Regarding: x", "Internet: down", "AWS: bill", "[OTHER-3] x", "1:0"]
)
def test_words_that_only_look_like_marks_stay(subject):
    assert base(strip_tags(subject, POLICY)) == subject


def test_tags_are_found_in_their_order_and_bounded():
    assert find_tags("[acme-12] Re: [ACME-7] [ACME-12] [ACME-1234567890123] [ACME-x] [ACME-¹]", POLICY) == (12, 7)
    assert find_tags(" ".join(f"[ACME-{n}]" for n in range(100)), POLICY) == tuple(range(20))


@given(st.text(st.sampled_from("[ACMEacme-0123456789] Re:\r\n\u202e\u200b"), max_size=60) | st.text(max_size=300))
def test_no_subject_keeps_a_tag_or_breaks_a_line(subject):
    stripped = strip_tags(subject, POLICY)
    ours = tagged(subject, 5, POLICY, reply=True)
    assert find_tags(stripped, POLICY) == ()
    assert strip_tags(stripped, POLICY) == stripped
    assert find_tags(ours, POLICY) == (5,)
    assert len(ours.splitlines()) == 1
    assert len(ours) <= MAX_SUBJECT + len("Re: [ACME-5] ")
    assert tagged(ours, 5, POLICY, reply=True) == ours
