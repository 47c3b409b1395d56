"""Authentication-Results: what is read of the field, and whose counts."""

from dataclasses import replace
from ipaddress import ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import NOW, POLICY, parsed

from mailticket.core.authres import MAX_FIELD, Results, aligned, domain_key, parse, results
from mailticket.core.parse import parse as parse_mail
from mailticket.core.policy import Trust
from mailticket.core.types import RawMail

MX = "mx.acme.example"
TRUST = Trust(authserv_ids=(MX,), relays=(ip_network("192.0.2.0/24"),), mailboxes={"sales": ("mx.other.example",)})
TRUSTING = replace(POLICY, trust=TRUST)


def read(value: str) -> list[tuple]:
    found = parse(value)
    return [(r.method, r.result, *(f"{k}={v}" for k, v in r.properties)) for r in found.found] if found else []


READ = {
    "one method": ("mx; dkim=pass header.d=a.example", [("dkim", "pass", "header.d=a.example")]),
    "nothing was done": ("mx; none", []),
    "nothing at all": ("mx", []),
    "a version": ("mx 1; spf=fail", [("spf", "fail")]),
    "a method's version": ("mx; dkim/1=pass", [("dkim", "pass")]),
    "a quoted name": ('"mx"; dkim=pass', [("dkim", "pass")]),
    "capitals": ("MX; DKIM=Pass Header.D=a.example", [("dkim", "pass", "header.d=a.example")]),
    "folding": ("mx;\r\n\tdkim=pass\r\n header.d=a.example", [("dkim", "pass", "header.d=a.example")]),
    "a comment with a result": ("mx; dkim=fail (; dmarc=pass header.from=a.example)", [("dkim", "fail")]),
    "a comment in a comment": ("mx; dkim=fail (x (y) ; dmarc=pass) header.d=a", [("dkim", "fail", "header.d=a")]),
    "a comment with an escape": (r"mx; dkim=fail (\) ; dmarc=pass) header.d=a", [("dkim", "fail", "header.d=a")]),
    "comments everywhere": (
        "(a)mx(b);(c)dkim(d)=(e)pass(f)header(g).(h)d(i)=(j)a(k)",
        [("dkim", "pass", "header.d=a")],
    ),
    "a comment before the property": ("mx; dkim=pass (good) header.d=a", [("dkim", "pass", "header.d=a")]),
    "a result in quotes": (
        'mx; spf=fail smtp.mailfrom="; dmarc=pass"',
        [("spf", "fail", "smtp.mailfrom=; dmarc=pass")],
    ),
    "an escaped quote": (
        r'mx; spf=fail smtp.mailfrom="\"; dmarc=pass "; x=y',
        [("spf", "fail", 'smtp.mailfrom="; dmarc=pass '), ("x", "y")],
    ),
    "a quoted local part": ('mx; spf=pass smtp.mailfrom="a b"@c', [("spf", "pass", "smtp.mailfrom=a b@c")]),
    "base64": ("mx; dkim=pass header.b=ab/c= header.d=a", [("dkim", "pass", "header.b=ab/c=", "header.d=a")]),
    "a reason": ('mx; dkim=fail reason="bad; key" header.d=a', [("dkim", "fail", "reason=bad; key", "header.d=a")]),
    "words that belong nowhere": ("mx; dkim=pass oh header.d=a", [("dkim", "pass", "ohheader.d=a")]),
    "Microsoft": (
        f"{MX}; spf=pass (sender IP is 1.2.3.4) smtp.mailfrom=a; dmarc=pass action=none header.from=a;compauth=pass",
        [
            ("spf", "pass", "smtp.mailfrom=a"),
            ("dmarc", "pass", "action=none", "header.from=a"),
            ("compauth", "pass"),
        ],
    ),
    "several methods": (
        "mx; dkim=fail header.d=a; dkim=pass header.d=b",
        [("dkim", "fail", "header.d=a"), ("dkim", "pass", "header.d=b")],
    ),
    "a quote without an end loses its result": ('mx; dkim=pass; dmarc=pass header.from="a', [("dkim", "pass")]),
    "a comment without an end hides the rest": ("mx; dkim=fail (; dmarc=pass header.from=a", [("dkim", "fail")]),
    "no name": ("; dkim=pass", []),
    "no name, as Microsoft does": ("dkim=pass header.d=a; dmarc=pass header.from=a", []),
    "two names": ("mx other; dkim=pass", []),
}


@pytest.mark.parametrize("case", READ)
def test_a_field_is_read_as_the_standard_says(case):
    """Neither comments nor quoted words can add a result or change one."""
    value, expected = READ[case]
    assert read(value) == expected


def test_a_cut_field_loses_the_result_that_was_cut():
    """Else `header.from=a.example.evil` would become a.example."""
    whole = "mx; dkim=pass header.d=b; dmarc=pass header.from="
    value = whole + "a" * (MAX_FIELD - len(whole)) + ".evil"
    assert read(value) == [("dkim", "pass", "header.d=b")]


ALIGNED = {
    ("acme.example", "acme.example"): True,
    ("ACME.example.", "acme.EXAMPLE"): True,
    ("acme.example", "mail.acme.example"): True,
    ("mail.acme.example", "acme.example"): False,
    ("example", "acme.example"): False,
    ("example", "example"): True,
    ("acme.example", "notacme.example"): False,
    ("acme.example", "acme.example.evil.test"): False,
    ("", "acme.example"): False,
    ("", ""): False,
    (".example", "acme.example"): False,
    ("xn--bcher-kva.example", "bücher.example"): True,
    ("xn--bcher-kva.example", "BÜCHER.example"): True,
    ("strasse.example", "straße.example"): False,  # IDNA 2003 makes them one
    ("acme.example", "a\u212ame.example"): False,
}


@pytest.mark.parametrize("pair", ALIGNED, ids=" for ".join)
def test_a_domain_speaks_for_itself_and_what_is_below_it(pair):
    """Not for what is above, beside, or only looks like it."""
    assert aligned(*pair) is ALIGNED[pair]


def raw(via: str = "lmtp", peer: str = "", **more) -> RawMail:
    return RawMail(b"", "x@y.example", ("support@acme.example",), via, NOW, peer, **more)


PASS = "; dmarc=pass header.from=acme.example"
ROADS = {
    "by LMTP": (raw(), True),
    "by IMAP": (raw("imap"), True),
    "from a mailbox whose server writes others": (raw("imap", peer="sales"), False),
    "by a unix socket": (raw("smtp", ""), True),
    "by a trusted relay": (raw("smtp", "192.0.2.7"), True),
    "by a trusted relay, written as IPv6": (raw("smtp", "::ffff:192.0.2.7"), True),
    "by a stranger": (raw("smtp", "198.51.100.7"), False),
    "by a link-local stranger": (raw("smtp", "fe80::1%eth0"), False),
    "by a peer that is no address": (raw("smtp", "mx.acme.example"), False),
    "from a file": (raw("ingest"), False),
    "by an agent's own client": (raw("smtp", "192.0.2.7", auth="anna@acme.example"), False),
}


@pytest.mark.parametrize("road", ROADS)
def test_the_field_counts_by_trusted_roads_alone(road):
    """Anybody else writes what they like above their mail."""
    arrived, counts = ROADS[road]
    mail = parsed(None, "x", ("authentication-results", MX + PASS))
    assert (results(mail, arrived, TRUSTING) is not None) is counts


def test_no_unix_socket_counts_where_the_config_does_not_say_so():
    """`unix` is an entry of trusted_relays as any network is."""
    mail = parsed(None, "x", ("authentication-results", MX + PASS))
    policy = replace(TRUSTING, trust=replace(TRUSTING.trust, unix=False))
    assert results(mail, raw("smtp", ""), policy) is None
    assert results(mail, raw("smtp", ""), POLICY) is None


TOPMOST = {
    "the only one": ([MX + PASS], "pass"),
    "capitals": ([MX.upper() + PASS], "pass"),
    "somebody else's": (["mx.evil.example" + PASS], None),
    "a name that begins alike": ([MX + ".evil.example" + PASS], None),
    "a forged one below ours": ([f"{MX}; dmarc=fail header.from=acme.example", MX + PASS], "fail"),
    "a forged one below ours that found nothing": ([f"{MX}; none", MX + PASS], None),
    "a forged one below ours that is broken": ([f'{MX}; spf=pass smtp.mailfrom="', MX + PASS], None),
    "ours below another server's": (["mx.other.example; dmarc=fail", MX + PASS], "pass"),
}


@pytest.mark.parametrize("case", TOPMOST)
def test_only_the_topmost_field_with_a_trusted_name_counts(case):
    """What stands below was there when the mail came to the trusted server."""
    fields, expected = TOPMOST[case]
    mail = parsed(None, "x", *(("authentication-results", f) for f in fields))
    found = results(mail, raw(), TRUSTING)
    assert next((r.result for r in found.of("dmarc")), None) == expected if found else expected is None


def test_encoded_words_in_the_field_are_not_decoded():
    """A decoded quote would end the quoted words that a stranger chose, and what follows would be results."""
    head = f'Authentication-Results: {MX}; spf=fail smtp.mailfrom="=?utf-8?q?=22;_dmarc=3Dpass_x=3D=22?="\r\n\r\n'
    found = results(parse_mail(head.encode()), raw(), TRUSTING)
    assert found is not None
    assert found.of("dmarc") == ()


PIECES = ["mx", ";", "=", "(", ")", '"', "\\", ".", " ", "\r\n ", "dkim", "pass", "header.d", "none", "1", "ü", "\0"]


@settings(max_examples=200)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=40).map("".join))
def test_no_field_is_too_odd_to_be_read(value):
    """Nobody's field stops the desk."""
    found = parse(value)
    assert found is None or isinstance(found, Results)


@pytest.mark.parametrize("piece", ['"', "(", ")", "\\", '"\\', "a=", ";", "a ", "=", "(\\"])
def test_long_fields_are_read_in_one_pass(piece):
    """A field that fills the head costs as much as its length (the test's own limit stands for the clock)."""
    parse("mx; dkim=pass " + piece * MAX_FIELD)


def test_a_domain_has_one_key():
    """Whatever letters and dots it is written with."""
    assert domain_key(" Acme.EXAMPLE. ") == "acme.example"
