"""Where an admin hears of a template that is broken: in the desk's log, and from `check`, which tries TLS, too."""

from __future__ import annotations

import logging

import pytest
from click.testing import CliRunner
from letters import render
from test_config import SMALL, with_desk
from test_own_templates import Folder, made

from mailticket.cli import main
from mailticket.errors import UsageError
from mailticket.templates_files import open_templates, own_templates


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "own")


def test_the_desk_starts_with_a_broken_file_and_logs_it_in_one_line(folder, caplog):
    folder.write("en/answer.txt.j2", "\n{% if %}")
    with caplog.at_level(logging.WARNING):
        templates = open_templates(folder.path)
        assert made(templates, "answer") == render("answer")
    (record,) = caplog.records
    place = folder.path / "en" / "answer.txt.j2"
    assert record.message.startswith(f"template {place}, line 2: ")
    assert record.message.endswith("; the shipped one is used")


def test_the_desk_starts_without_a_folder_that_cannot_be_listed(tmp_path, caplog):
    assert made(open_templates(None), "answer") == render("answer")
    assert caplog.records == []
    assert made(open_templates(tmp_path / "gone"), "answer") == render("answer")
    assert "cannot be listed: No such file or directory; the shipped ones are used" in caplog.text
    with pytest.raises(UsageError, match="cannot be listed"):
        own_templates(tmp_path / "gone")


@pytest.mark.parametrize("as_json", [False, True])
def test_check_names_a_broken_file_and_exits_2(folder, as_json):
    config = folder.path.parent / "mailticket.toml"
    config.write_text(with_desk('templates = "own"'))
    config.chmod(0o600)
    command = ["check", "-c", str(config), *(["--json"] if as_json else [])]
    assert CliRunner().invoke(main, command).exit_code == 0
    folder.write("en/answer.txt.j2", "\n{% if %}")
    folder.write("en/anwser.html.j2", "")
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 2
    first, second = result.stderr.splitlines()
    assert first.startswith(f"mailticket: template {folder.path}/en/anwser.html.j2: replaces no shipped one; did you")
    assert second.startswith(f"mailticket: template {folder.path}/en/answer.txt.j2, line 2: ")
    assert result.stdout.count('"finding": "error"') == (2 if as_json else 0)


def test_check_says_when_certificate_and_key_are_none(tmp_path):
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).write_text("not a certificate")
    config = tmp_path / "mailticket.toml"
    config.write_text(SMALL + '[smtp]\ntls_cert = "cert.pem"\ntls_key = "key.pem"\n')
    result = CliRunner().invoke(main, ["check", "-c", str(config)])
    assert result.exit_code == 2
    assert f"smtp.tls_cert: {tmp_path}/cert.pem and {tmp_path}/key.pem are not a certificate" in result.stderr
