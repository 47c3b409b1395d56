"""However a mail is put together and encoded: a command runs only if somebody who reads it sees it on top."""
# ruff: noqa: E501 - a table of pieces

from __future__ import annotations

from base64 import encodebytes
from html.parser import HTMLParser
from itertools import combinations
from quopri import encodestring

from hypothesis import given, settings
from hypothesis import strategies as st

from mailticket.core.commands import split
from mailticket.core.completed import completed
from mailticket.core.crossing import agent_answer
from mailticket.core.parse import parse

HEAD = b"From: anna@acme.example\r\nTo: support@acme.example\r\nSubject: Re: [ACME-1] x\r\nMIME-Version: 1.0\r\n"
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u202a\u202b\u202c\u2066\u2067\u2068\u2069"

PLAIN = [
    "#resolve", "#close", "# close", "##close", "> #close", " #close", "#cl\u200bose", "\u200f#close", "\u202b#close\u202c",
    "\u202e#close", "Words", "", "", "&#35;close", "<b>#close</b>", "=23close", "-- ", "\uff03close", "#\u00e9tat",
    "#close\x0b#resolve", "x\r#close", "#close\u2028#resolve", "Begin forwarded message:", "On 3 June 2024 Support wrote:",
]  # fmt: skip
PAGE = [
    "<p>#resolve</p>", "<div>#close</div>", "<p>&#35;close</p>", "<p>&num;close</p>", "<p><b>#</b>close</p>", "#close<br>",
    "<p>##close</p>", "<p>Words</p>", "<p>#clo<!-- x -->se</p>", "<p>#clo&#8203;se</p>", "<p>&#x202e;#close</p>",
    '<div style="display:none">#close</div>', '<div style="font-size:0">#close</div>', "<p hidden>#close</p>",
    "<!-- #close -->", "<title>#close</title>", "<style>#close { }</style>", "<script>#close</script>", "<br>",
    '<img alt="#close" src="cid:1">', '<p title="#close"></p>', "<blockquote>#close</blockquote>", "<p>&nbsp;</p>",
    "<ul><li>#close</li></ul>", '<a href="#close">Words</a><br>', '<span style="visibility:hidden">#close<br></span>',
    "<table><tr><td>#close</td><td>Words</td></tr></table>", '<div class="gmail_quote">#close</div>',
]  # fmt: skip


class Page(HTMLParser):
    """The lines that a reader sees of these pieces, and that are the writer's."""

    blocks = frozenset({"p", "div", "br", "li", "ul", "tr", "table", "blockquote"})
    empty = frozenset({"br", "img"})

    def __init__(self, source: str) -> None:
        super().__init__()
        self.text = ""
        self.hidden: list[bool] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag in self.blocks:
            self.text += "\n"
        style = str(dict(attrs).get("style", "")) + " ".join(name for name, _ in attrs)
        unseen = any(word in style for word in ("none", "hidden", "font-size:0"))
        if tag not in self.empty:
            self.hidden.append(unseen or tag in {"title", "style", "script", "blockquote"})

    def handle_endtag(self, tag):
        if tag in self.blocks:
            self.text += "\n"
        if tag == "td":
            self.text += " "
        if tag not in self.empty:
            self.hidden.pop()

    def handle_data(self, data):
        if not any(self.hidden):
            self.text += data


def shown(kind: str, text: str) -> list[str]:
    """A text's lines, without blanks and what it quotes, as a person reads them."""
    text = Page(text).text if kind == "text/html" else text
    lines = ("".join(c for c in line if c not in INVISIBLE).strip() for line in text.replace("\r", "\n").split("\n"))
    return ["".join(line.split()).casefold() for line in lines if line and not line.startswith(">")]


@st.composite
def leaves(draw):
    """A text in its part, and what a reader sees of it: nothing of a file."""
    kind = draw(st.sampled_from(["text/plain", "text/plain", "text/html"]))
    pieces = PAGE if kind == "text/html" else PLAIN
    text = "\n".join(draw(st.lists(st.sampled_from(pieces), max_size=4)))
    charset = draw(st.sampled_from(["utf-8", "utf-8", "utf-16"]))
    data = text.replace("\r", "\n").replace("\n", "\r\n").encode(charset)
    encoding = "base64" if charset == "utf-16" else draw(st.sampled_from(["8bit", "quoted-printable", "base64"]))
    made = {"8bit": bytes, "quoted-printable": encodestring, "base64": encodebytes}[encoding](data)
    file = draw(st.sampled_from(["", "", "", "Content-Disposition: attachment; filename=a.txt\r\n"]))
    flowed = draw(st.sampled_from(["", "", "; format=flowed"])) if kind == "text/plain" else ""
    head = f"Content-Type: {kind}; charset={charset}{flowed}\r\nContent-Transfer-Encoding: {encoding}\r\n{file}\r\n"
    return head.encode() + made, [] if file else [shown(kind, text)]


def whole(inner):
    """Parts in a part, or a mail that is attached, of which nothing is this mail's."""

    @st.composite
    def make(draw):
        kind = draw(st.sampled_from(["alternative", "mixed", "related", "signed", "rfc822"]))
        if kind == "rfc822":
            return b"Content-Type: message/rfc822\r\n\r\n" + HEAD + draw(inner)[0], []
        parts = draw(st.lists(inner, min_size=1, max_size=3))
        mark = "a"
        while any(f"--{mark}".encode() in part for part, _ in parts):  # whose parts are whose, nobody could know
            mark += "a"
        body = b"".join(b"--%s\r\n%s\r\n" % (mark.encode(), part) for part, _ in parts)
        head = f'Content-Type: multipart/{kind}; boundary="{mark}"\r\n\r\n'
        return head.encode() + body + f"--{mark}--\r\n".encode(), [one for _, seen in parts for one in seen]

    return make()


@settings(deadline=None, max_examples=250)
@given(st.recursive(leaves(), whole, max_leaves=5))
def test_no_mail_runs_a_command_that_nobody_sees_on_top(made):
    """Its texts are read one below the other; of alternatives one."""
    body, texts = made
    mail = completed(parse(HEAD + body))
    ran = ["".join(f"#{one.word}{one.argument}".casefold().split()) for one in split(agent_answer(mail))[0]]
    read = ([line for text in some for line in text] for n in range(len(texts)) for some in combinations(texts, n + 1))
    assert not ran or any(lines[: len(ran)] == ran for lines in read), (ran, texts)
