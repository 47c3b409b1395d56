"""The config: every mistake is told at once, with its line and what to do; a right one becomes plain values."""

import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from mailticket import config_mailboxes, config_model
from mailticket.config import ConfigError, Settings, load
from mailticket.config_keys import KEYS
from mailticket.config_names import keys_of
from mailticket.config_tables import TABLES

SECRET = "correct horse battery staple"
SMALL = f"""\
[desk]
name = "Acme Support"
secret = "{SECRET}"
[delivery]
url = "smtp://127.0.0.1"
hostname = "support.acme.example"
[[department]]
name = "Support"
addresses = ["support@acme.example"]
[[agent]]
name = "Anna Dvořák"
address = "anna@acme.example"
"""

MAILBOX = """\
[imap.main]
host = "imap.acme.example"
username = "support"
password = "hunter2"
"""


def read(folder: Path, text: str, **env: str) -> Settings:
    path = folder / "mailticket.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return load(path, env, date(2026, 11, 22))


def problems(folder: Path, text: str, **env: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(folder, text, **env)
    assert str(caught.value) == "\n".join(caught.value.problems)
    assert SECRET not in str(caught.value)
    return [line.removeprefix(f"{folder}/") for line in caught.value.problems]


def with_desk(line: str) -> str:
    return SMALL.replace("[delivery]\n", f"{line}\n[delivery]\n")


def with_department(line: str) -> str:
    return SMALL.replace("[[agent]]\n", f"{line}\n[[agent]]\n")


def test_a_small_config_gets_the_defaults_of_the_design(tmp_path):
    known = read(tmp_path, SMALL, TZ="Europe/Prague")
    policy = known.policy
    assert known.database == tmp_path / "mailticket.db"
    assert (known.smtp, known.max_message_size, known.warnings) == (None, 35_000_000, ())
    assert (known.delivery.host, known.delivery.port, known.delivery.max_size) == ("127.0.0.1", 25, 20_000_000)
    assert (policy.tag_prefix, policy.zone.key, policy.default_language) == ("TICKET", "Europe/Prague", "en")
    assert policy.secrets == (SECRET.encode(),)
    assert (policy.plus_addresses, policy.send_delay) == (True, timedelta(seconds=20))
    assert policy.hostname == "support.acme.example"
    department, agent = policy.departments[0], policy.agents[0]
    assert department.hours.text == "Mon-Fri 09:00-17:00"
    assert (department.assign, department.reopen_after) == (("least-loaded",), timedelta(days=14))
    assert (department.holidays, department.service_levels, department.hide_agents) == (frozenset(), {}, False)
    assert (agent.departments, agent.languages, agent.role) == (("Support",), ("en",), "agent")


def test_written_values_are_what_the_desk_works_with(tmp_path):
    text = with_department(
        'hours = "Mon-Thu 08:00-12:00 13:00-17:00, Fri 08:00-12:00"\nholidays = ["CZ", "2026-12-31", 2027-01-04]\n'
        'reopen_days = 3\n[department.service_levels]\nmedium = { first_response = "4h", resolution = "3d" }'
    ).replace("[delivery]", '[smtp]\nlisten = ["127.0.0.1:0", "[::1]:2525"]\nmax_message_size = "1 MiB"\n[delivery]')
    known = read(tmp_path, text)
    department = known.policy.departments[0]
    assert known.smtp is not None
    assert (known.smtp.listen, known.max_message_size) == (("127.0.0.1:0", "[::1]:2525"), 2**20)
    level = department.service_levels["medium"]
    assert (level.first_response, level.resolution) == (timedelta(hours=4), 3 * timedelta(hours=36) / 5)
    assert {date(2026, 12, 24), date(2036, 1, 1), date(2026, 12, 31), date(2027, 1, 4)} <= department.holidays


def test_a_listener_without_keys_listens_on_loopback(tmp_path):
    known = read(tmp_path, SMALL + "[smtp]\n")
    assert known.smtp is not None
    assert (known.smtp.listen, known.smtp.max_message_size) == (("127.0.0.1:2525",), 35_000_000)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            with_desk('tag_prefix = "A B"'),
            '4: desk.tag_prefix: must be 1 to 20 letters, digits or hyphens, like "ACME"',
        ),
        (with_desk('timezone = "Europe/Pragu"'), '4: desk.timezone: no such time zone as "Europe/Pragu"; did you mean'),
        (with_desk('timezone = "Europe"'), '4: desk.timezone: no such time zone as "Europe"; did you mean'),
        (with_desk('default_language = "cs"'), '4: desk.default_language: only "en" in this version; other languages'),
        (with_desk('database = "postgresql://u:hunter2@h/d"'), "4: desk.database: postgresql comes later; write"),
        (with_desk('database = "sqlite:"'), '4: desk.database: write "sqlite:FILE", relative to this config'),
        (with_desk('send_delay = "20 seconds"'), '4: desk.send_delay: write a time like "20s", "5m", "4h" or "3d"'),
        (with_desk("plus_addresses = 1"), "4: desk.plus_addresses: must be true or false"),
        (with_desk("tag_prefix = 1"), "4: desk.tag_prefix: must be text in quotes"),
        (with_desk('listen = "x"'), '4: desk.listen: no such key here; "listen" belongs in [smtp] or [lmtp]'),
        (with_desk('"a\\nb" = 1'), "1: desk.a�b: no such key; did you mean"),
        (SMALL.replace("//127.0.0.1", "//u:hunter2@h"), "5: delivery.url: a login goes to another machine by TLS only"),
        (SMALL.replace("smtp:", "imap:"), "5: delivery.url: write the mail server as smtp://"),
        (SMALL.replace("smtp://127.0.0.1", "127.0.0.1"), "5: delivery.url: write the mail server as smtp://"),
        (SMALL.replace(".0.1", ".0.1:99999"), '5: delivery.url: write it as "smtp://host:port"'),
        (SMALL.replace('"support.acme', '"support acme'), "6: delivery.hostname: must be a host name"),
        (SMALL.replace("Acme Support", "A\\nBcc: x"), "2: desk.name: must be one line without control characters"),
        (SMALL.replace('["support@', '["@'), '9: department[0].addresses[0]: "@acme.example" is not a mail address'),
        (SMALL.replace('["support@', '["sup port@'), '9: department[0].addresses[0]: "sup port@acme.example" is not'),
        (
            SMALL.replace('["support@', '["support+x@'),
            "9: department[0].addresses[0]: support+x@acme.example: write it",
        ),
        (SMALL.replace('["support@acme.example"]', "[]"), "9: department[0].addresses: must have at least one entry"),
        (SMALL.replace("anna@", "Support+1@"), "12: agent[0].address: Support+1@acme.example is department[0]'s; an"),
        (
            SMALL.replace("anna@acme", "anna@-acme"),
            '12: agent[0].address: "anna@-acme.example" is not a mail address: its',
        ),
        (SMALL.replace("anna@acme", "anna@ačme"), '12: agent[0].address: "anna@ačme.example": write the domain in its'),
        (SMALL + 'aliases = ["ANNA@acme.example"]', "13: agent[0].aliases[0]: ANNA@acme.example is written twice; an"),
        (
            SMALL + 'departments = ["Suport"]',
            '13: agent[0].departments[0]: no such department as "Suport"; did you mean "S',
        ),
        (SMALL + "departments = []", "13: agent[0].departments: must have at least one entry"),
        (SMALL + 'role = "boss"', '13: agent[0].role: must be "agent" or "manager"'),
        (SMALL + "tier = 0", "13: agent[0].tier: must be at least 1"),
        (with_department('assign = "rotate"'), '10: department[0].assign: no such way to assign as "rotate"; did you'),
        (with_department('hours = "Mon-Fry 9-5"'), "10: department[0].hours: "),
        (with_department('holidays = ["XX"]'), "10: department[0].holidays: "),
        (with_department("reopen_days = 9999"), "10: department[0].reopen_days: must be at most 3650"),
        (with_department("hide_agents = 0"), "10: department[0].hide_agents: must be true or false"),
        (
            with_department('[department.service_levels]\nmedum = { resolution = "1d" }'),
            '11: department[0].service_levels.medum: no such key; did you mean "medium"?',
        ),
        (
            with_department('[department.service_levels]\nlow = { first = "1d" }'),
            '11: department[0].service_levels.low.first: no such key; did you mean "first_response"?',
        ),
        (
            with_department('[department.service_levels]\nlow = { resolution = "0h" }'),
            "11: department[0].service_levels.low.resolution: must be longer than nothing",
        ),
        (SMALL + "[smtp]\nlisten = []", "14: smtp.listen: must have at least one entry"),
        (SMALL + '[smtp]\nlisten = ["unix:run/x"]', '14: smtp.listen[0]: "unix:run/x": write unix: and the whole path'),
        (
            SMALL + '[smtp]\nlisten = ["127.0.0.1:x"]',
            '14: smtp.listen[0]: "127.0.0.1:x" is no place to listen at: write',
        ),
        (SMALL + '[smtp]\nmax_message_size = "35 megs"', '14: smtp.max_message_size: write a size like "35 MB", "500'),
        (
            SMALL + '[smtp]\nmax_message_size = "2 GB"',
            "14: smtp.max_message_size: must be more than nothing and at most",
        ),
        (SMALL + "[smpt]", '13: smpt: no such table; did you mean "smtp"?'),
        (SMALL.replace("[[agent]]", "[agent]"), " agent: write a table [[agent]] with name and address"),
    ],
)
def test_each_mistake_is_one_line_that_says_where_and_what_to_do(tmp_path, text, told):
    lines = problems(tmp_path, text)
    assert len(lines) == 1, lines
    assert told in lines[0]
    assert lines[0].startswith("mailticket.toml:")
    assert "hunter2" not in lines[0]


def test_a_misspelt_required_key_is_told_with_its_neighbour(tmp_path):
    lines = problems(tmp_path, SMALL.replace("addresses", "adress"))
    assert 'mailticket.toml:9: department[0].adress: no such key; did you mean "addresses"?' in lines


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(tmp_path):
    text = SMALL.replace("Acme Support", "").replace("anna@", "support@") + '[[agent]]\nrole = "x"\n[imap]\n'
    lines = problems(tmp_path, text)
    numbers = [int(line.split(":")[1]) for line in lines]
    assert numbers == sorted(numbers) == [2, 12, 13, 13, 14, 15]


def test_an_empty_file_says_all_that_is_required(tmp_path):
    assert problems(tmp_path, "") == [
        "mailticket.toml: desk: write a table [desk] with name and secret",
        "mailticket.toml: delivery: write a table [delivery] with url",
        "mailticket.toml: department: write a table [[department]] with name and addresses",
        "mailticket.toml: agent: write a table [[agent]] with name and address",
    ]


def test_what_cannot_be_read_as_toml_is_one_line(tmp_path):
    assert problems(tmp_path, "[desk]\nname = \n")[0].startswith("mailticket.toml:2: is not TOML: ")
    assert problems(tmp_path, "[desk]\nname = [")[0].startswith("mailticket.toml:2: is not TOML: ")
    (tmp_path / "latin").write_bytes(b"[desk]\nname = '\xe9'\n")
    for name, told in (("latin", "latin:2: is not UTF-8 text"), ("none", "no such file"), (".", "cannot be read")):
        with pytest.raises(ConfigError, match=told):
            load(tmp_path / name, {}, date(2026, 11, 22))


def test_secrets_come_from_files_the_environment_and_credentials(tmp_path):
    (tmp_path / "secret").write_text(f"  {SECRET} 1\n")
    (tmp_path / "secret").chmod(0o600)
    (tmp_path / "cred").write_text(f"{SECRET} 3\n")
    text = SMALL.replace(
        f'"{SECRET}"', '[{ file = "secret" }, { env = "KEY" }, { credential = "cred" }, "another long enough one"]'
    )
    known = read(tmp_path, text, KEY=f"{SECRET} 2", CREDENTIALS_DIRECTORY=str(tmp_path))
    expected = (f"{SECRET} 1", f"{SECRET} 2", f"{SECRET} 3", "another long enough one")
    assert known.policy.secrets == tuple(one.encode() for one in expected)
    assert SECRET not in repr(known)
    assert known.warnings == ()


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('"short secret"', "must have at least 16 characters; `mailticket init` makes a good one"),
        ('{ file = "none" }', "none cannot be read: No such file or directory"),
        ('{ env = "NONE" }', "the environment has no variable NONE"),
        ('{ credential = "x" }', "credential x: $CREDENTIALS_DIRECTORY is not set"),
        ('{ fil = "x" }', "write text, { file = … }, { env = … } or { credential = … }"),
        ("[]", "must not be an empty list"),
        (f'["{SECRET}", "short"]', "number 2: must have at least 16 characters"),
    ],
)
def test_a_bad_secret_is_told_without_showing_it(tmp_path, written, told):
    line = problems(tmp_path, SMALL.replace(f'"{SECRET}"', written))[0]
    assert line.startswith("mailticket.toml:3: desk.secret: ")
    assert told in line
    assert "short" not in line


def test_what_is_right_but_odd_is_a_warning(tmp_path):
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "secret").chmod(0o644)
    text = SMALL.replace(f'"{SECRET}"', '{ file = "secret" }').replace("anna@", "sales@").replace("hostname", "#")
    text += 'departments = ["Support"]\ntier = 2\n[[department]]\nname = "Spare"\naddresses = ["spare@acme.example"]\n'
    told = "\n".join(read(tmp_path, text).warnings)
    assert f"toml:3: desk.secret: {tmp_path}/secret can be read by everybody on this machine: chmod 600" in told
    assert 'toml:15: department[1]: "Spare" has no agents' in told
    assert "toml:12: agent[0].address: sales@acme.example looks like the address of several people" in told
    assert "toml:14: agent[0].tier: is not acted on by this version" in told


def test_an_agents_languages_are_no_key_of_later(tmp_path):
    """They say how mail is read that does not say it itself."""
    path = tmp_path / "mailticket.toml"
    path.write_text(SMALL + 'languages = ["cs", "en"]\n')
    path.chmod(0o600)
    assert "languages" not in "\n".join(load(path, {}, date(2026, 11, 22)).warnings)


def test_a_secret_in_a_config_that_everybody_reads_is_a_warning(tmp_path):
    path = tmp_path / "mailticket.toml"
    path.write_text(SMALL)
    path.chmod(0o644)
    assert "holds a secret that everybody here can read" in "\n".join(load(path, {}, date(2026, 11, 22)).warnings)


def test_the_machines_zone_is_taken_where_none_is_written(tmp_path):
    linked = os.path.realpath("/etc/localtime").partition("/zoneinfo/")[2] or "UTC"
    assert read(tmp_path, SMALL, TZ=":America/New_York").policy.zone.key == "America/New_York"
    assert read(tmp_path, SMALL, TZ="CET-1CEST").policy.zone.key == linked


def test_the_table_of_keys_and_the_models_know_the_same_keys():
    models = {
        "desk": config_model.Desk, "trust": config_model.Trust, "smtp": config_model.Smtp, "lmtp": config_model.Lmtp,
        "delivery": config_model.Delivery, "answers": config_model.Answers, "department": config_model.Department,
        "department.service_levels": config_model.Levels, "agent": config_model.Agent, "imap": config_mailboxes.Imap,
    }  # fmt: skip
    assert set(models) == {table.name for table in TABLES}
    for table, model in models.items():
        assert set(keys_of(table)) == set(model.model_fields), table


def test_each_default_in_the_table_of_keys_is_the_real_one(tmp_path):
    doors = f"[smtp]\n[lmtp]\n[trust]\n[answers]\n{MAILBOX}"
    plain = read(tmp_path, SMALL + doors, TZ="UTC")
    for key in KEYS:
        if not key.required and not key.default:
            line = f"{key.name} = {key.value}"
            head = next(table.head for table in TABLES if table.name == key.table)
            written = (SMALL + doors).replace(f"{head}\n", f"{head}\n{line}\n")
            assert line in written
            assert read(tmp_path, written, TZ="UTC") == plain, key
