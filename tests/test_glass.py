"""Nothing crosses the glass: the look at every scenario's mails finds what is planted in them, however it is hidden."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.header import Header
from pathlib import Path
from urllib.parse import quote

import pytest
import scenario_desk
from fakes.smtpserver import ScriptedServer
from glass import crossings
from scenario import SHARED_CONFIG, Play, play, read_story
from scenario_desk import Mail, StoryDesk

from mailticket.core import agents, compose, notes, outward
from mailticket.core.render import Own, Templates
from mailticket.templates_files import load_templates

OF_NORA = "My account at the bank of Brno is empty since Monday."
STORY = f"""\
Two customers, an agent, a note.
maria@customer.example writes to support@acme.example (request)
    Subject: Printer on fire

    It burns, and the smoke is as black as the night in December.
> acknowledgement to maria@customer.example
> assignment to anna@acme.example
bob@partner.example replies to the assignment
    They never pay their bills.
> notice to anna@acme.example (asked)
anna@acme.example replies to asked
    yes
> notice to anna@acme.example
maria@customer.example writes to support@acme.example
    Subject: Re: [ACME-1] Printer on fire

    Are you there?
> relay to anna@acme.example (hers)
nora@other.example writes to support@acme.example (second)
    Subject: Nothing is left

    {OF_NORA}
> acknowledgement to nora@other.example
> assignment to anna@acme.example
anna@acme.example replies to hers
    #resolve

    Pull the plug.
> answer to maria@customer.example
"""
STRANGERS = """\
Two customers.
eve@evil.example writes to support@acme.example
    Help!
> acknowledgement to eve@evil.example
> assignment to anna@acme.example
maria@c.example writes to support@acme.example
    Hello
> acknowledgement to maria@c.example
> assignment to anna@acme.example
"""


class Loosely(Play):
    """A story that need not tell of every mail out."""

    def nothing(self, _line: object = None) -> None:
        self.told = list(self.desk.sent)


@contextmanager
def played(folder: Path, story: str = STORY, config: Path = SHARED_CONFIG) -> Iterator[Play]:
    (folder / "story.txt").write_text(story)
    with ScriptedServer() as server:
        desk = StoryDesk(config, folder, server)
        try:
            play = Loosely(desk, folder)
            play.all(read_story(folder / "story.txt")[1])
            yield play
        finally:
            desk.close()


class Told:
    """The story at its end: the last mail to Maria, and what `crossings` says when that were another one."""

    def __init__(self, play: Play) -> None:
        self.desk = play.desk
        self.mark = str(play.names["hers"].message["message-id"])
        self.last = next(mail for mail in reversed(self.desk.sent) if mail.to == ("maria@customer.example",))

    def found(self, mail: Mail) -> list[str]:
        before, self.desk.sent = self.desk.sent, [mail]
        try:
            return crossings(self.desk)
        finally:
            self.desk.sent = before


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> Iterator[Told]:
    with played(tmp_path_factory.mktemp("glass")) as play:
        yield Told(play)


def test_a_story_without_a_leak_has_none(told):
    assert crossings(told.desk) == []


# --- however it is hidden ------------------------------------------------------------------------------------


def plain(words: str) -> str:
    return f"Content-Type: text/plain; charset=utf-8\n\n{words}\n"


def page(source: str) -> str:
    return f"Content-Type: text/html; charset=utf-8\n\n<p>Hello</p>{source}\n"


def packed(kind: str, content: bytes) -> str:
    return f"Content-Type: {kind}\nContent-Transfer-Encoding: base64\n\n{b64encode(content).decode()}\n"


def flowed(words: str) -> str:
    first, _, rest = words.partition(" ")
    return plain(f"> {first} \n> {rest.replace(' ', chr(10) + '> ')}")


HIDDEN: dict[str, Callable[[str], str]] = {
    "in plain text": plain,
    "in capitals": lambda words: plain(words.upper()),
    "quoted and wrapped": flowed,
    "in quoted-printable": lambda words: (
        "Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n"
        + "=\n".join(f"={ord(c):02X}" for c in words)
    ),
    "in base64": lambda words: packed("text/plain", words.encode()),
    "in a page": page,
    "in a page's comment": lambda words: page(f"<!-- {words} -->"),
    "in an attribute": lambda words: page(f'<img alt="{words}">'),
    "in a link": lambda words: page(f'<a href="mailto:x@y.example?body={quote(words, safe="")}">x</a>'),
    "with entities": lambda words: page("".join(f"&#{ord(c)};" for c in words)),
    "between tags": lambda words: page(f"<i>{words[0]}</i>{words[1:]}"),
    "with marks that nobody sees": lambda words: plain(words[0] + "\u200b" + words[1:]),
    "in a file": lambda words: packed('application/octet-stream; name="a.bin"', words.encode()),
    "in a file of wide letters": lambda words: packed("text/csv", words.encode("utf-16")),
    "in a file's name": lambda words: (
        f'Content-Type: image/png; name="{Header(words, "utf-8").encode(maxlinelen=0)}"\n\nx\n'
    ),
    "in a mail attached": lambda words: "Content-Type: message/rfc822\n\n" + packed("text/plain", words.encode()),
    "in the subject of one": lambda words: f"Content-Type: message/rfc822\n\nSubject: {words}\n\nx\n",
}
SECRETS = {
    "an agent's address": ("anna@acme.example", "the agent's address anna@acme.example"),
    "an alias": ("anna.dvorak@acme.example", "the agent's address anna.dvorak@acme.example"),
    "a note": ("They never pay their bills.", "the note's 'they never pay their bills.'"),
    "another's words": (OF_NORA, f"what ticket 2 says, '{OF_NORA.lower()}'"),
    "another's address": ("nora@other.example", "the stranger's address nora@other.example"),
    "a command": ("#resolve", "the command #resolve"),
    "another's tag": ("[ACME-2]", "the foreign tag [acme-2]"),
}


def planted(mail: Mail, part: str) -> Mail:
    head = mail.raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
    kept = [line for line in head if not line.lower().startswith((b"content-", b"mime-", b"\t", b" "))]
    body = f'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="x"\n\n--x\n{part}\n--x--\n'
    return replace(mail, raw=b"\r\n".join(kept) + b"\r\n" + body.replace("\n", "\r\n").encode())


@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_is_planted_in_a_mail_is_found_however_it_is_hidden(told, hidden):
    secrets = SECRETS | {"a mark": (told.mark, "a message mark made for anna@acme.example is in")}
    found = {name: told.found(planted(told.last, HIDDEN[hidden](words))) for name, (words, _) in secrets.items()}
    for name, (_, complaint) in secrets.items():
        assert any(line.startswith(complaint) for line in found[name]), (name, found[name])


def test_a_mail_to_somebody_who_takes_no_part_is_found(told):
    (line,) = told.found(replace(told.last, to=("eve@evil.example",)))[-1:]
    assert line == "eve@evil.example is no recipient of any mail of ours, and is in the answer to eve@evil.example"


# --- by a desk that leaks ------------------------------------------------------------------------------------

HIDING = SHARED_CONFIG.read_text().replace(
    "[department.service_levels]", "hide_agents = true\n[department.service_levels]"
)
TEMPLATE_LEAKS = [
    ("answer.txt", "{{ text }} They never pay their bills.", "the note's 'they never pay their bills.'"),
    ("answer.html", "{{ text }}<!-- nora@other.example -->", "the stranger's address nora@other.example"),
    ("answer.html", f'{{{{ text }}}}<img alt="{OF_NORA}">', "what ticket 2 says"),
    ("acknowledgement.txt", "This is like [ACME-2].", "the foreign tag [acme-2]"),
    ("acknowledgement.html", "Anna Dvo&#345;&aacute;k will answer.", "the hidden name anna dvořák"),
]


@pytest.mark.parametrize(("name", "source", "complaint"), TEMPLATE_LEAKS, ids=[leak[2] for leak in TEMPLATE_LEAKS])
def test_a_template_that_leaks_is_found(name, source, complaint, tmp_path, monkeypatch):
    own = {f"en/{name}.j2": Own(name, source)}
    monkeypatch.setattr(scenario_desk, "TEMPLATES", Templates(load_templates(), own))
    (tmp_path / "config.toml").write_text(HIDING)
    with played(tmp_path, config=tmp_path / "config.toml") as play:
        assert any(line.startswith(complaint) for line in crossings(play.desk)), crossings(play.desk)


def test_a_desk_that_cuts_no_marks_is_found(tmp_path, monkeypatch):
    """In the rules and where a mail is composed: either alone would do."""
    for place in (outward, compose):
        monkeypatch.setattr(place, "scrub", lambda text, _policy: text)
    with played(
        tmp_path,
        STORY.replace(
            "Pull the plug.\n>", "See {id of hers} and {reply address of hers}, or {note address of hers}.\n>"
        ),
    ) as play:
        found = crossings(play.desk)
    assert "a note mark made for anna@acme.example is in the answer to maria@customer.example" in found
    assert any(line.startswith("a note address") for line in found)
    assert "a message mark made for anna@acme.example is in the answer to maria@customer.example" in found
    assert "a reply mark made for anna@acme.example is in the answer to maria@customer.example" in found


INSIDE = [  # what makes an agent's mail a note: its headers, its words
    ("    To: {note address of hers}\n\n    She is as mad as a hatter.", "the address"),
    ("    #note\n    She is as mad as a hatter.", "the command"),
]


@pytest.mark.parametrize(("written", "how"), INSIDE, ids=[how for _, how in INSIDE])
def test_a_desk_that_takes_notes_for_answers_is_found(written, how, tmp_path, monkeypatch):
    """Though it has no note then, whose words could be looked for."""
    monkeypatch.setattr(notes, "is_note", lambda *_: False)
    monkeypatch.setattr(agents, "is_answer", lambda *_: True)
    with played(tmp_path, STORY.replace("    #resolve\n\n    Pull the plug.", written)) as play:
        found = crossings(play.desk)
    assert (
        "what an agent wrote inside, 'she is as mad as a hatter.', is in the answer to maria@customer.example" in found
    )


def test_a_story_fails_that_leaks(tmp_path, monkeypatch):
    own = {"en/acknowledgement.txt.j2": Own("own", "As eve@evil.example says.")}
    monkeypatch.setattr(scenario_desk, "TEMPLATES", Templates(load_templates(), own))
    (tmp_path / "story.txt").write_text(STRANGERS)
    with pytest.raises(AssertionError, match=r"it crossed the glass: the stranger's address eve@evil\.example is in"):
        play(tmp_path, tmp_path)
