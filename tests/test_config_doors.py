"""The config of listeners, TLS, logins, trust, delivery, budgets and chains: values, mistakes and warnings."""

from __future__ import annotations

from datetime import date, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from test_config import SECRET, SMALL, problems, read, with_department, with_desk

from mailticket.cli.manual import starter
from mailticket.config import load
from mailticket.core.assign import STRATEGIES
from mailticket.core.policy import Budgets, Limit, Trust

HASH = "scrypt$16384$8$1$c2FsdHNhbHRzYWx0c2FsdA$" + "aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"
TLS = "[smtp]\ntls_cert = 'cert.pem'\ntls_key = 'key.pem'\n"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def with_delivery(line: str) -> str:
    return SMALL.replace("[[department]]\n", f"{line}\n[[department]]\n", 1)


@pytest.fixture
def pair(tmp_path):
    for name in ("cert.pem", "key.pem", "ca.pem"):
        (tmp_path / name).write_text("not looked into here")
    return 'tls_cert = "cert.pem"\ntls_key = "key.pem"\n'


def test_what_is_left_out_is_as_the_design_has_it(tmp_path):
    known = read(tmp_path, SMALL)
    assert (known.lmtp, known.templates, known.logins) == (None, None, {})
    assert (known.policy.trust, known.policy.budgets) == (Trust(), Budgets())
    assert (known.policy.max_size, known.policy.keep_raw) == (20_000_000, None)
    assert [agent.role for agent in known.policy.agents] == ["agent"]
    assert (known.delivery.password, known.delivery.ca) == ("", None)


def test_a_listener_has_its_certificate_and_its_rules(tmp_path, pair):
    text = f'[smtp]\nlisten = ["127.0.0.1:0", "tls:[::1]:465", "tls:systemd:smtps"]\n{pair}require_tls = true\n'
    known = read(tmp_path, SMALL + text + 'proxy_protocol = true\ntrusted_relays = ["10.0.0.0/8", "::1"]\n')
    assert known.smtp is not None
    assert known.smtp.listen == ("127.0.0.1:0", "tls:[::1]:465", "tls:systemd:smtps")
    assert (known.smtp.tls_cert, known.smtp.tls_key) == (tmp_path / "cert.pem", tmp_path / "key.pem")
    assert (known.smtp.require_tls, known.smtp.proxy_protocol) == (True, True)
    trust = known.policy.trust
    assert (trust.relays, trust.unix) == ((ip_network("10.0.0.0/8"), ip_network("::1")), False)
    assert known.warnings == ()


def test_an_admin_may_say_that_a_reply_is_proof_enough(tmp_path):
    known = read(tmp_path, f"{SMALL}[trust]\nreply_proves_all = true\n")
    assert known.policy.trust.reply_proves_all is True
    assert known.warnings == ()


@pytest.mark.parametrize(
    ("text", "places", "octets", "usual"),
    [
        ("[lmtp]\n", ("unix:/run/mailticket/lmtp",), 35_000_000, 35_000_000),
        ('[lmtp]\nlisten = ["127.0.0.1:24"]\nmax_message_size = "1 MB"\n', ("127.0.0.1:24",), 10**6, 10**6),
        ('[smtp]\nmax_message_size = "2 MB"\n[lmtp]\n', ("unix:/run/mailticket/lmtp",), 2 * 10**6, 2 * 10**6),
    ],
    ids=["alone", "with a size", "with the listener's size"],
)
def test_an_lmtp_listener_keeps_to_its_size_or_to_the_listeners(tmp_path, text, places, octets, usual):
    known = read(tmp_path, SMALL + text)
    assert known.lmtp is not None
    assert (known.lmtp.listen, known.lmtp.max_message_size, known.max_message_size) == (places, octets, usual)


def test_trust_and_logins_are_compared_as_addresses_and_names_are(tmp_path, pair):
    text = f'password = "{HASH}"\n[smtp]\n{pair}[trust]\nauthentication_results = [" MX.Acme.example", "mx2"]\n'
    known = read(tmp_path, SMALL.replace("anna@", "Anna@") + text + 'forms = ["Form@Acme.example"]\n')
    assert known.policy.trust.authserv_ids == ("mx.acme.example", "mx2")
    assert known.policy.trust.forms == {"form@acme.example"}
    assert known.policy.trust.reply_proves_all is False
    assert known.logins == {"anna@acme.example": HASH}
    assert HASH not in repr(known)
    assert known.warnings == ()


def test_delivery_may_have_a_password_and_certificates_of_its_own(tmp_path, pair):
    (tmp_path / "pw").write_text("p w\n")
    (tmp_path / "pw").chmod(0o604)
    known = read(
        tmp_path, with_delivery('password = { file = "pw" }\nca = "ca.pem"\nmax_size = "3 MB"').replace(
            "smtp://127.0.0.1", "smtps://desk@mail.acme.example"
        )
    )  # fmt: skip
    assert (known.delivery.password, known.delivery.ca) == ("p w", tmp_path / "ca.pem")
    assert (known.delivery.max_size, known.policy.max_size) == (3_000_000, 3_000_000)
    assert "p w" not in repr(known)
    (warning,) = known.warnings
    assert "toml:7: delivery.password: " in warning
    assert "can be read by everybody on this machine: chmod 600" in warning


@pytest.mark.parametrize(
    ("written", "limits"),
    [
        ("off", ()),
        ("1 per minute", (Limit(1, MINUTE),)),
        ("5 per hour, 12 per day", (Limit(5, HOUR), Limit(12, DAY))),
        (" 20  per 10 minutes ,3 per week", (Limit(20, 10 * MINUTE), Limit(3, 7 * DAY))),
        ("1 per 7 days", (Limit(1, 7 * DAY),)),
    ],
)
def test_a_budget_is_a_number_for_a_time(tmp_path, written, limits):
    known = read(tmp_path, SMALL + f'[answers]\nidentical = "{written}"\n')
    assert known.policy.budgets == Budgets(identical=limits)


@pytest.mark.parametrize(
    ("written", "kept"), [("forever", None), ("7d", 7 * DAY), ("400d", 400 * DAY), ("2y", 730 * DAY)]
)
def test_raw_mail_is_kept_for_so_long(tmp_path, written, kept):
    assert read(tmp_path, with_desk(f'keep_raw = "{written}"')).policy.keep_raw == kept


@pytest.fixture
def ways(monkeypatch):
    for name in ("round-robin", "random", "sticky", "manual"):
        monkeypatch.setitem(STRATEGIES, name, STRATEGIES["least-loaded"])


@pytest.mark.parametrize(
    ("written", "chain"),
    [
        ('"random"', ("random",)),
        ('["sticky", "round-robin"]', ("sticky", "round-robin")),
        ('"sticky"', ("sticky", "least-loaded")),
        ('["random", "sticky"]', ("random", "sticky", "least-loaded")),
        ('["sticky", "manual"]', ("sticky", "manual")),
    ],
)
def test_ways_to_assign_are_a_chain_that_names_somebody(tmp_path, ways, written, chain):
    assert read(tmp_path, with_department(f"assign = {written}")).policy.departments[0].assign == chain


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('["manual", "random"]', '"manual" must be the last one: with it, nobody is chosen'),
        ('["random", "random"]', "names one way to assign twice"),
        ('["least-loaded", "sticky", "least-loaded"]', "names one way to assign twice"),
        ("[]", "write one way to assign in quotes, or a list of them"),
        ("1", "write one way to assign in quotes, or a list of them"),
        ('["randm"]', 'no such way to assign as "randm"; did you mean "random"?'),
    ],
)
def test_a_chain_that_makes_no_sense_is_refused(tmp_path, ways, written, told):
    (line,) = problems(tmp_path, with_department(f"assign = {written}"))
    assert line.startswith(f"mailticket.toml:10: department[0].assign: {told}")


def test_managers_are_those_who_are_named_so(tmp_path):
    text = SMALL + '[[agent]]\nname = "Eva"\naddress = "eva@acme.example"\nrole = "manager"\n'
    assert [agent.name for agent in read(tmp_path, text).policy.managers] == ["Eva"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        # TLS
        ("[smtp]\ntls_cert = 'cert.pem'", "14: smtp.tls_cert: needs tls_key beside it"),
        ("[smtp]\ntls_key = 'key.pem'", "14: smtp.tls_key: needs tls_cert beside it"),
        ("[smtp]\ntls_cert = 'none'\ntls_key = 'key.pem'", "none: there is no such file"),
        ("[smtp]\ntls_cert = '.'\ntls_key = 'key.pem'", "14: smtp.tls_cert: "),
        ("[smtp]\ntls_cert = ''\ntls_key = 'key.pem'", "14: smtp.tls_cert: must be a path"),
        ("[smtp]\ntls_cert = 'cert.pem'\ntls_key = 1", "15: smtp.tls_key: must be a path in quotes"),
        ("[smtp]\nrequire_tls = true", "14: smtp.require_tls: needs tls_cert and tls_key"),
        ("[smtp]\nlisten = ['tls:0.0.0.0:465']", "14: smtp.listen[0]: tls:0.0.0.0:465 needs tls_cert and tls_key"),
        (f"{TLS}listen = ['tls:unix:/run/x']", '16: smtp.listen[0]: "tls:unix:/run/x": a unix socket stays'),
        (f"{TLS}listen = ['tls:tls:h:25']", '16: smtp.listen[0]: "tls:tls:h:25" is no place to listen at'),
        ("[lmtp]\nlisten = ['tls:127.0.0.1:24']", "14: lmtp.listen[0]: there is no TLS with LMTP here"),
        # places
        ("[smtp]\nlisten = ['h:25', 'h:25']", "14: smtp.listen[1]: h:25 is taken by smtp.listen[0] already"),
        ("[smtp]\nlisten = ['h:25']\n[lmtp]\nlisten = ['h:25']", "16: lmtp.listen[0]: h:25 is taken by smtp.listen[0]"),
        ("[lmtp]\nlisten = []", "14: lmtp.listen: must have at least one entry"),
        (
            "[lmtp]\ntrusted_relays = []",
            '14: lmtp.trusted_relays: no such key here; "trusted_relays" belongs in [smtp]',
        ),
        # trust
        ("[smtp]\ntrusted_relays = ['10.0.0.1/8']", 'did you mean "10.0.0.0/8"?'),
        ("[smtp]\ntrusted_relays = ['mx.acme.example']", 'write an address, a network like "10.0.0.0/8", or "unix"'),
        (
            "[trust]\nauthentication_results = ['mx one']",
            '14: trust.authentication_results[0]: "mx one": write the first',
        ),
        ("[trust]\nauthentication_results = ['']", '14: trust.authentication_results[0]: "": write the first word'),
        ("[trust]\nforms = ['form']", '14: trust.forms[0]: "form" is not a mail address'),
        ("[trust]\nforms = ['ANNA@acme.example']", "14: trust.forms[0]: ANNA@acme.example is agent[0]'s; a form needs"),
        ("[trust]\nforms = ['support+1@acme.example']", "support+1@acme.example is department[0]'s; a form needs an"),
        # logins: SECRET stands for what must not be told
        (
            "password = 'hunter2hunter2hunter2'",
            "13: agent[0].password: must be a hash, never the password itself: make",
        ),
        # budgets
        ("[answers]\ntotal = '5 an hour'", '14: answers.total: write limits like "5 per hour, 12 per day" or "20 per'),
        ("[answers]\ntotal = '5 per hour,'", "14: answers.total: write limits like"),
        ("[answers]\ntotal = '0 per hour'", '14: answers.total: must be at least "1 per …"; nobody is answered'),
        ("[answers]\ntotal = '5 per 0 hours'", '14: answers.total: must be at least "1 per …"'),
        ("[answers]\ntotal = '5 per 2 weeks'", '14: answers.total: must not look back further than "per week"'),
        ("[answers]\ntotal = 5", "14: answers.total: must be text in quotes"),
        ("[answers]\nper_adress = 'off'", '14: answers.per_adress: no such key; did you mean "per_address"?'),
    ],
)
def test_each_mistake_is_one_line_that_says_where_and_what_to_do(tmp_path, pair, text, told):
    lines = problems(tmp_path, SMALL + text)
    assert len(lines) == 1, lines
    assert told in lines[0]
    assert "hunter2" not in lines[0]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('templates = "none"', "none: there is no such folder"),
        ('templates = "mailticket.toml"', "mailticket.toml: there is no such folder"),
        ('keep_raw = "6d"', '4: desk.keep_raw: must be at least "7d" and at most "100y"'),
        ('keep_raw = "5h"', '4: desk.keep_raw: write "forever", or days or years like "400d" or "2y"'),
    ],
)
def test_mistakes_of_the_desk(tmp_path, line, told):
    (said,) = problems(tmp_path, with_desk(line))
    assert told in said


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("password = ''", "7: delivery.password: must be one line that is not empty"),
        ("password = { env = 'NONE' }", "7: delivery.password: the environment has no variable NONE"),
        ("password = ['x']", "7: delivery.password: write text, { file = … }, { env = … } or { credential = … }"),
        ("ca = 'none.pem'", "none.pem: there is no such file"),
        ("ca = 'ca.pem'", "7: delivery.ca: is for smtps:// and smtp+starttls:// only"),
        ("password = 'hunter2'", "7: delivery.password: is there without a user; write the url with user@"),
    ],
)
def test_mistakes_of_delivery(tmp_path, pair, line, told):
    said, *others = problems(tmp_path, with_delivery(line))
    assert told in said
    assert "hunter2" not in said
    assert all("delivery." in one for one in others)


def test_a_password_in_the_url_of_a_config_that_everybody_reads_is_a_warning(tmp_path):
    (tmp_path / "secret").write_text("correct horse battery staple")
    (tmp_path / "secret").chmod(0o600)
    path = tmp_path / "mailticket.toml"
    secret = '{ file = "secret" }'
    path.write_text(SMALL.replace(f'"{SECRET}"', secret).replace("smtp://127", "smtp://desk:hunter2@127"))
    path.chmod(0o644)
    (warning,) = load(path, {}, date(2026, 11, 22)).warnings
    assert "toml:5: delivery.url: this file holds a secret that everybody here can read" in warning
    assert "hunter2" not in warning


def test_a_maildir_and_a_socket_are_relative_to_the_config(tmp_path):
    for url, place in (("maildir:out", tmp_path / "out"), ("lmtp:///run/lmtp", Path("/run/lmtp"))):
        assert read(tmp_path, SMALL.replace("smtp://127.0.0.1", url)).delivery.path == place


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[trust]\nauthentication_results = ['mx']", "14: trust.authentication_results: changes nothing"),
        (
            "[smtp]\ntrusted_relays = []\n[trust]\nauthentication_results = ['mx']",
            "16: trust.authentication_results: changes nothing",
        ),
        ("[smtp]\ntrusted_relays = ['unix', '0.0.0.0/0']", "14: smtp.trusted_relays[1]: 0.0.0.0/0 is everybody"),
        (f"password = '{HASH}'\n[smtp]", "13: agent[0].password: nobody can log in: [smtp] has no tls_cert"),
    ],
)
def test_what_has_no_effect_or_too_much_is_a_warning(tmp_path, text, told):
    (warning,) = read(tmp_path, SMALL + text).warnings
    assert told in warning


@pytest.mark.parametrize("door", ["[lmtp]", "[smtp]"])
def test_results_that_something_trusted_can_bring_are_no_warning(tmp_path, door):
    assert read(tmp_path, SMALL + f"{door}\n[trust]\nauthentication_results = ['mx']").warnings == ()


def test_what_init_writes_listens_where_it_did_before(tmp_path):
    """A table that does something just by being there is written behind a #."""
    (tmp_path / "secret").write_text("correct horse battery staple")
    known = read(tmp_path, starter("x"))
    assert known.smtp is not None
    assert (known.lmtp, known.smtp.listen, known.logins) == (None, ("127.0.0.1:2525",), {})
    switched_on = read(tmp_path, starter("x").replace("# [lmtp]", "[lmtp]"))
    assert switched_on.lmtp is not None
