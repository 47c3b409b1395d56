"""Pictures within an answer go along where the customer sees what the agent saw, under new names; those of the quote
and of the mail client's signature do not."""

from __future__ import annotations

import mailparser
import pytest
from answering import HEAD, REPLY_TO, Got, answer, joined
from letters import ANNA
from mails import PNG, part

from mailticket.core.crossing import MARKER

SHOT, LOGO, THEIRS = (PNG + name for name in (b"shot", b"logo", b"theirs"))
ID = "image001.png@01DC5C2B.3D5F6E50"
QUOTE = f"<blockquote>Support &lt;{REPLY_TO}&gt;<br>{MARKER}<br>It burns.<img src='cid:theirs@customer'></blockquote>"
QUOTED = f"On Monday, Support <{REPLY_TO}> wrote:\n> {MARKER}\n> It burns.\n"


def picture(content: bytes, content_id: str, name: str) -> bytes:
    more = (f"Content-ID: <{content_id}>", f'Content-Disposition: inline; filename="{name}"')
    return part("image/png", content, "Content-Transfer-Encoding: 8bit", *more)


FILES = (
    picture(SHOT, ID, "image001.png"),
    picture(LOGO, "logo@acme.example", "logo.png"),
    picture(THEIRS, "theirs@customer", "theirs.png"),
)


def sent(text: str, html: str, *files: bytes) -> Got:
    plain, page = (part(f"text/{kind}; charset=utf-8", words) for kind, words in (("plain", text), ("html", html)))
    both = joined("alternative", plain, page) if text else page
    return answer(joined("related", both, *FILES, *files, head=HEAD))


def pictures(got: Got, disposition: str) -> list[bytes]:
    parts = [one for one in got.message.walk() if one.get_content_disposition() == disposition]
    return [one.get_payload(decode=True) for one in parts]


SHOWN = f'<img src="cid:{ID}" width="601" height="x" alt="SECRET" title="SECRET">'
SIGNED = '<div>-- <br>Anna<img src="cid:logo@acme.example"></div>'
WAYS = {
    "Thunderbird": ("See here:\n\nthere.\n\n-- \nAnna\n\n", f"<p>See here:</p><p>{SHOWN}</p><p>there.</p>"),
    "Gmail": ("See here:\n[image: shot.png]\nthere.\n\n-- \nAnna\n\n", f"<p>See here:<br>{SHOWN}<br>there.</p>"),
    "Outlook": (f"See here:\n\n[cid:{ID}]\n\nthere.\n\n-- \nAnna\n\n", f"<p>See here:</p><p>{SHOWN}</p><p>there.</p>"),
    "Outlook, described": ("See\n\n[SECRET]\n\nthere.\n\n-- \nAnna\n\n", f"<p>See</p><p>{SHOWN}</p><p>there.</p>"),
    "at the end": ("See here:\n\n-- \nAnna\n\n", f"<p>See here:</p><div><div>{SHOWN}</div></div>"),
    "at the end, Gmail": ("See:\n[image: a.png]\n\n-- \nAnna\n\n", f"<p>See:<br>{SHOWN}</p>"),
    "alone": ("[image: a.png]\n\n-- \nAnna\n\n", f"<p>{SHOWN}</p>"),
    "HTML alone": ("", f"<p>See here:</p><div>{SHOWN}</div>"),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_customer_sees_the_pictures_of_the_answer_alone(way):
    text, html = WAYS[way]
    got = sent(text and text + QUOTED, html + SIGNED + QUOTE)
    assert (pictures(got, "inline"), pictures(got, "attachment")) == ([SHOT], [])
    shown = next(one for one in got.message.walk() if one.get_content_disposition() == "inline")
    own_id = shown["Content-ID"].strip("<>")
    assert f'src="cid:{own_id}" width="601" alt=""' in got.html
    assert got.html.count("<img") == 1
    for secret in ("01DC5C2B", "logo", "theirs", "SECRET" if "described" not in way else "logo"):
        assert secret not in got.raw.decode()


def test_a_picture_stands_beside_the_html_and_a_file_beside_both():
    got = sent("See:\n\n" + QUOTED, f"<p>See:</p>{SHOWN}{QUOTE}", part("application/pdf; name=a.pdf", "%PDF-1.4"))
    kinds = [one.get_content_type() for one in got.message.walk()]
    assert kinds == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
        "application/pdf",
    ]  # fmt: skip
    read = mailparser.parse_from_bytes(got.raw)
    assert [one["filename"] for one in read.attachments] == ["image001.png", "a.pdf"]
    assert read.attachments[0]["content-id"].strip("<>") in read.text_html[0]


def test_where_the_look_does_not_cross_pictures_are_attachments():
    got = sent("Other words.\n", f"<p>See here:</p>{SHOWN}{QUOTE}")
    assert (pictures(got, "inline"), pictures(got, "attachment")) == ([], [SHOT, LOGO, THEIRS])
    assert "Content-ID" not in got.raw.decode()
    assert "<img" not in got.html


def test_the_text_names_a_picture_by_its_file_and_not_by_the_agents_id():
    assert sent(f"See [cid:{ID}] and [cid:gone@01DC].\n", "<p>No.</p>").text == "See [image001.png] and [picture]."


def test_a_file_is_not_named_after_an_agent():
    more = ("Content-Disposition: attachment",)
    got = sent("See.\n", "<p>See.</p>", part(f'text/vcard; name="{ANNA.address} {REPLY_TO}.vcf"', "x", *more))
    assert ANNA.address not in got.raw.decode()
    assert REPLY_TO not in got.raw.decode()
    assert "support@acme.example support@acme.example.vcf" in got.raw.decode()


def test_a_logo_alone_is_no_answer():
    assert sent("-- \nAnna\n\n" + QUOTED, SIGNED + QUOTE).raw == b""
