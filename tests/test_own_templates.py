"""The admin's own templates: file by file over the shipped ones, told of when broken, and never a mail lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from letters import ADDED, FACTS, SOURCES, TEMPLATES, render

from mailticket.core import samples, trial
from mailticket.core.crossing import MARKER
from mailticket.core.render import Own, Rendered, TemplateFaultError, Templates
from mailticket.templates_files import load_templates, own_templates

NOTICE = "notice-empty"


class Folder:
    """The admin's folder, and what the desk says when it uses it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.told: list[str] = []
        (path / "en").mkdir(parents=True)

    def write(self, name: str, source: str | bytes) -> None:
        path = self.path / name
        path.write_bytes(source if isinstance(source, bytes) else source.encode())

    def templates(self) -> Templates:
        return Templates(SOURCES, own_templates(self.path), self.told.append)

    def findings(self) -> list[str]:
        return [line.replace(f"{self.path}/", "") for line in trial.findings(self.templates())]


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "own")


def made(templates: Templates, name: str, **facts) -> Rendered:
    return templates.render(name, "en", ADDED | FACTS[name] | facts)


# --- an own file that works ----------------------------------------------------------------------------------


def test_one_file_replaces_one_and_the_others_stay(folder):
    folder.write("en/answer.txt.j2", "\ufeffAhoj: {{ text }}")
    folder.write("en/notes~", "not a template")
    folder.write("en/.answer.txt.j2.swp", "{{")
    folder.write("en/.#answer.txt.j2", "{{")
    templates = folder.templates()
    page = made(templates, "answer")
    assert page.text.startswith("Ahoj: Dear Maria")
    assert page.html == render("answer").html
    assert made(templates, "relay") == render("relay")
    assert (folder.told, folder.findings()) == ([], [])


def test_own_files_are_made_of_the_shipped_ones_and_the_shipped_ones_of_own_parts(folder):
    """A logo in base.html.j2 is in every page; an own page may extend the shipped base, and have own parts."""
    folder.write("en/base.html.j2", SOURCES["en/base.html.j2"].replace("{% block", "<b>ACME</b>{% block"))
    folder.write("en/legal.html.j2", "{% macro legal() %}<i>Acme, Brno</i>{% endmacro %}")
    folder.write(
        f"en/{NOTICE}.html.j2",
        "{% extends 'en/base.html.j2' %}{% from 'en/legal.html.j2' import legal %}"
        "{% block content %}{{ original|paragraphs }}{{ legal() }}{% endblock %}",
    )
    templates = folder.templates()
    assert "<b>ACME</b>" in made(templates, "relay").html
    assert "<i>Acme, Brno</i>" in made(templates, NOTICE).html
    assert made(templates, "relay").text == render("relay").text
    assert (folder.told, folder.findings()) == ([], [])


# --- one that does not ---------------------------------------------------------------------------------------

BROKEN = [
    ("cannot be compiled", "a\n{% if %}", ", line 2: Expected an expression, got 'end of statement block'"),
    ("a filter that is not there", "\n\n{{ original|upperr }}", ", line 3: No filter named 'upperr'."),
    (
        "a fact that is not there",
        "{{ orginal }}",
        ', line 1: no mail of this kind has "orginal" (perhaps "original"); the shipped',
    ),
    (
        "an unknown fact behind an if",
        "{% if not tag %}\n{{ fuel }}{% endif %}",
        ', line 2: no mail of this kind has "fuel"',
    ),
    ("a number that is none", "{{ number / 0 }}", ", line 1: division by zero"),
    ("fails only where a fact is empty", "x\n{{ 1 / original|length }}", ", line 2: division by zero"),
    ("uses itself", "{% include 'en/notice-empty.txt.j2' %}", ", line 1: maximum recursion depth"),
    ("extends itself", "{% extends 'en/notice-empty.txt.j2' %}", "maximum recursion depth"),
    ("a macro without end", "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", ", line 1: maximum recursion depth"),
    ("is nested too deeply", "{{ " + "(" * 3000 + ")" * 3000 + " }}", ": maximum recursion depth"),
    ("is nested deeper than Python may be", "{% for a in mentions %}" * 30, ""),
    ("extends what is not there", "{% extends 'en/bse.html.j2' %}", ": there is no template en/bse.html.j2"),
    ("reads a file of the machine", "{% include '/etc/passwd' %}", ": there is no template /etc/passwd"),
    ("looks under the hood", "{{ ''.__class__.__mro__ }}", ", line 1: access to attribute '__class__'"),
    ("calls a method", "{{ original.encode() }}", ", line 1: "),
    ("multiplies words", "{{ 'a' * 10 }}", ", line 1: the operator * is not for templates"),
]


@pytest.mark.parametrize(("source", "told"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_broken_file_is_named_and_costs_no_mail(folder, source, told):
    """In text and as HTML: the shipped file is used for that half; file, line and reason are said."""
    for kind, half in (("txt", "text"), ("html", "html")):
        folder.write(f"en/{NOTICE}.{kind}.j2", source.replace(".txt.", f".{kind}."))
        (line,) = folder.findings()
        assert line.startswith(f"template en/{NOTICE}.{kind}.j2")
        assert told in line
        assert line.removesuffix(" where it is needed").endswith("; the shipped one is used")
        assert "\n" not in line
        assert len(line) < 500
        templates = folder.templates()
        facts = {"original": "", "tag": ""}
        assert getattr(made(templates, NOTICE, **facts), half) == getattr(render(NOTICE, **facts), half)
        (folder.path / f"en/{NOTICE}.{kind}.j2").unlink()


def test_a_fault_is_told_once_however_many_mails_meet_it(folder):
    folder.write("en/answer.txt.j2", "{{ nobody_gave_this }}")
    templates = folder.templates()
    for _ in range(3):
        assert made(templates, "answer").text == render("answer").text
    place = folder.path / "en" / "answer.txt.j2"
    assert folder.told == [f"template {place}, line 1: 'nobody_gave_this' is undefined; the shipped one is used"]


def test_faults_that_differ_with_each_mail_do_not_fill_the_log(folder):
    folder.write("en/answer.txt.j2", "{{ {}[text] }}")
    templates = folder.templates()
    for number in range(300):
        made(templates, "answer", text=f"words {number}\r\nand more")
    assert len(folder.told) == 100
    assert not any("\n" in line or "\r" in line for line in folder.told)


def test_a_file_that_makes_too_much_is_replaced(folder, monkeypatch):
    monkeypatch.setattr("mailticket.core.sandbox.MAX_OUTPUT", 10_000)
    loop = "{% for a in text.split() %}{% for b in text %}"
    folder.write("en/answer.txt.j2", loop.replace("text.split()", "text") + "{{ text }}" + "{% endfor %}" * 2)
    assert made(folder.templates(), "answer").text == render("answer").text
    assert "makes more than 10000 characters; the shipped one is used" in folder.told[0]


@pytest.mark.parametrize(
    ("part", "source", "told"),
    [
        ("base", "<html>{% block content %}", "template en/base.html.j2, line 1: Unexpected end of template."),
        ("base", "<html>\n{{ logo }}{% block content %}{% endblock %}", "template en/base.html.j2, line 2: 'logo' is"),
        ("base", b"\xff", "template en/base.html.j2: line 1 is not UTF-8 text; the shipped one is used"),
        ("parts", "{% macro soft(text) %}{{ text }}{% endmacro %}", ", with en/parts.html.j2: the template"),
    ],
    ids=["cannot be compiled", "names what is not there", "cannot be read", "lacks what others need"],
)
def test_a_broken_part_costs_no_page_that_is_made_of_it(folder, part, source, told):
    """Every page that uses it is the shipped one whole, the admin's own pages, too; texts have no part in it."""
    folder.write(f"en/{part}.html.j2", source)
    templates = folder.templates()
    for name in FACTS:
        assert made(templates, name) == render(name)
    assert any(told in line for line in folder.findings())
    assert any(told in line.replace(f"{folder.path}/", "") for line in (*folder.told, *folder.findings()))


def test_without_the_line_above_which_agents_answer_a_file_is_not_used(folder):
    """What stands below the marker never crosses; a mail to an agent without one might let it."""
    for kind in ("txt", "html"):
        folder.write(f"en/relay.{kind}.j2", "{{ reply_line }} {{ text }}")
        folder.write(f"en/answer.{kind}.j2", "{{ text }}")
    page = made(folder.templates(), "relay")
    assert page == render("relay")
    assert MARKER in page.text
    assert [line[:27] for line in folder.findings()] == ["template en/relay.html.j2: ", "template en/relay.txt.j2: d"]


@pytest.mark.parametrize("switch", ["{% autoescape false %}{{ text }}{% endautoescape %}", "{{ text|safe }}"])
def test_no_file_can_show_words_unescaped(folder, switch):
    folder.write("en/answer.html.j2", switch)
    page = made(folder.templates(), "answer", text="<script>x</script>")
    assert "<script>" not in page.html
    assert folder.told


def test_a_fault_of_a_shipped_file_is_no_admins_matter(folder):
    """It is raised: the worker's three tries and quarantine are for that, not a quiet other mail."""
    folder.write("en/base.html.j2", "x")
    broken = Templates(
        SOURCES | {"en/answer.txt.j2": "{{ none_of_it }}"}, own_templates(folder.path), folder.told.append
    )
    with pytest.raises(TemplateFaultError, match="none_of_it"):
        made(broken, "answer")
    assert folder.told == []


# --- files that are none -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("en/acknowledgment.txt.j2", "en/acknowledgement.txt.j2"),
        ("en/answer.j2", "en/answer."),
        ("answer.txt.j2", "en/answer.txt.j2"),
        ("en/answer.txt", "en/answer.txt.j2"),
        ("en/unused-part.html.j2", ""),
    ],
    ids=["misspelt", "neither half", "not in a language", "without its ending", "part of nothing"],
)
def test_a_file_that_replaces_nothing_is_named_with_what_it_may_have_meant(folder, name, near):
    folder.write(name, "{{ text }}")
    (line,) = folder.findings()
    assert line.startswith(f'template {name}: replaces no shipped one; did you mean "{near}')
    assert made(folder.templates(), "answer") == render("answer")


def test_a_language_that_is_not_shipped_is_said_to_have_no_effect(folder):
    (folder.path / "cs").mkdir()
    folder.write("cs/answer.txt.j2", "Ahoj")
    assert 'did you mean "en/answer.txt.j2"?' in folder.findings()[0]


def test_what_cannot_be_read_is_one_line_and_costs_no_mail(folder):
    folder.write("en/answer.txt.j2", b"ok\n\xff")
    folder.write("en/relay.txt.j2", b"x" * 1_000_001)
    folder.write("en/exact.txt.j2", b"x" * 1_000_000)
    (folder.path / "en" / "answer.html.j2").mkdir()
    os.mkfifo(folder.path / "en" / "relay.html.j2")  # whoever opens it for reading waits for ever
    (folder.path / "en" / "assignment.txt.j2").symlink_to("nowhere")
    said = {line.partition(": ")[0]: line.partition(": ")[2] for line in folder.findings()}
    shipped = "; the shipped one is used"
    assert said.pop("template en/exact.txt.j2").startswith("replaces no shipped one")
    assert said == {
        "template en/answer.html.j2": f"is no file{shipped}",
        "template en/answer.txt.j2": f"line 2 is not UTF-8 text{shipped}",
        "template en/assignment.txt.j2": f"is no file{shipped}",
        "template en/relay.html.j2": f"is no file{shipped}",
        "template en/relay.txt.j2": f"is larger than 1 MB; that is no template{shipped}",
    }
    for name in ("answer", "relay", "assignment"):
        assert made(folder.templates(), name) == render(name)


def test_every_shipped_file_replaced_by_itself_is_right(folder):
    """A copy of all shipped files as a start for own ones has no findings and makes the same mails."""
    for name, source in load_templates().items():
        folder.write(name, source)
    assert folder.findings() == []
    templates = folder.templates()
    for name in FACTS:
        assert made(templates, name) == render(name)
        assert templates.render(name, "en", samples.sparse(name)) == TEMPLATES.render(name, "en", samples.sparse(name))
    assert folder.told == []


def test_own_files_are_tried_whatever_their_names_and_texts():
    """No source and no fact in it makes the trial itself fail."""
    for source in (
        "",
        "\0",
        "{% raw %}",
        "{{ super() }}",
        "{{ self.x() }}",
        "{% block a %}{% block a %}",
        "{% import x as y %}",
    ):
        own = {name: Own(name, source) for name in (*SOURCES, "", "a/b/c", "en/../x")}
        assert isinstance(trial.findings(Templates(SOURCES, own)), list)
