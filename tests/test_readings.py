"""What a signature leaves out must not change how a mail is read: else its body says what its signer never wrote."""

import base64
import re
from functools import cache

import pytest
from signing import HEADERS, NAME, record, signed
from test_dkim import AT

from mailticket.core.dkim_check import verify
from mailticket.core.fields import read_head
from mailticket.core.parse import parse
from mailticket.core.readings import one_reading

HEAD = (
    b"From: Anna <anna@acme.example>\r\nTo: support@acme.example\r\nSubject: Order\r\n"
    b"Date: Mon, 23 Nov 2026 09:00:00 +0100\r\nMessage-ID: <1@acme.example>\r\n"
)
TYPE, CODING, DISPOSITION = b"content-type", b"content-transfer-encoding", b"content-disposition"


@cache
def passes(fields: str, body: bytes, *covered: bytes) -> bool:
    """A mail with these fields, of which only `covered` ones are signed."""
    mail = b"".join(line.encode() + b"\r\n" for line in fields.splitlines()) + HEAD + b"\r\n" + body
    return bool(verify(signed(mail, headers=(*HEADERS, *covered)), {NAME: record()}, AT))


def part(*fields: str, words: str = "Hello") -> str:
    return "".join(f"{field}\r\n" for field in fields) + f"\r\n{words}\r\n"


def framed(*parts: str, before: str = "", after: str = "", boundary: str = "x") -> bytes:
    whole = "".join(f"--{boundary}\r\n{one}" for one in parts)
    return f"{before}{whole}--{boundary}--\r\n{after}".encode()


PLAIN, HTML = part("Content-Type: text/plain"), part("Content-Type: text/html", words="<p>Hello</p>")
FILE = part("Content-Type: application/pdf", 'Content-Disposition: attachment; filename="a.pdf"')
INLINE_HTML = part("Content-Type: text/html", "Content-Disposition: inline", words="<p>Hello</p>")
RECEIPT = part("Content-Type: message/disposition-notification", words="Disposition: manual-action; displayed")
RELATED = f"Content-Type: multipart/related; boundary=y\r\n\r\n--y\r\n{HTML}--y--\r\n"
BOTH = f"Content-Type: multipart/alternative; boundary=y\r\n\r\n--y\r\n{PLAIN}--y\r\n{HTML}--y--\r\n"
MIXED, ALTERNATIVE = "Content-Type: multipart/mixed; boundary=x", "Content-Type: multipart/alternative; boundary=x"
TEXT, OF_HTML = "Content-Type: text/plain; charset=utf-8", "Content-Type: text/html; charset=utf-8"
QP, BASE64 = "Content-Transfer-Encoding: quoted-printable", "Content-Transfer-Encoding: base64"
INNER = (
    b"Dear Maria, I will look.\r\n\r\n> you wrote:\r\n--x\r\nContent-Type: text/plain\r\n\r\nPay to 666.\r\n--x--\r\n"
)
UTF7 = b"Hello\r\n> a+AAo-#assign eve\r\n"
LOOKS_QP = b"Hello\r\n> a=0A#assign eve\r\n"
LONG_QUOTE = b"Hello\r\n> " + b"a" * 73 + b"=\r\n#resolve\r\n"
IN_BASE64 = base64.encodebytes(b"Dear Maria, it is done. " * 5).replace(b"\n", b"\r\n")
# Gmail signs from, to, subject, date, message-id, mime-version, cc, reply-to.
GMAIL = framed(
    part('Content-Type: text/plain; charset="UTF-8"', QP, words="Gr=C3=BC=C3=9Fe"),
    part('Content-Type: text/html; charset="UTF-8"', QP, words='<div dir=3D"ltr">Gr=C3=BC=C3=9Fe</div>'),
    boundary="000000000000a1b2c3",
)
GMAIL_TYPE = 'Content-Type: multipart/alternative; boundary="000000000000a1b2c3"'
THUNDERBIRD = "This is a multi-part message in MIME format.\r\n"

# fields that are not signed, the body, whether there is only one way to read it
CASES = {
    # texts
    "a text without MIME": ("", b"#resolve\r\n\r\nThank you.\r\n", True),
    "no words": ("", b"", True),
    "a text": (f"{TEXT}; format=flowed; delsp=yes\nContent-Transfer-Encoding: 8bit", "Grüße\r\n".encode(), True),
    "a text with quotes and a signature": (TEXT, b"Yes\r\n\r\n> a\r\n>\r\n>> b\r\n>c\r\n\r\n-- \r\nAnna\r\n", True),
    "a text with an address in brackets": (TEXT, b"see <https://a.example/?x> or <me@a.example>\r\n", True),
    "a text that is one word": ("", b"Thanks\r\n", True),
    "two types": (f"{TEXT}\n{TEXT}", b"Hello\r\n", False),
    "a file": ("Content-Type: application/pdf", b"Hello\r\n", False),
    "a text with a name": ("Content-Type: text/plain; name=a.txt", b"Hello\r\n", False),
    "a text that is attached": ("Content-Disposition: attachment", b"Hello\r\n", False),
    "a text that is shown": ("Content-Disposition: inline", b"Hello\r\n", True),
    "a text in two dispositions": ("Content-Disposition: inline\nContent-Disposition: attachment", b"Hi\r\n", False),
    # charsets
    "ASCII in a charset that reads it so": ("Content-Type: text/plain; charset=iso-8859-1", b"Hello\r\n", True),
    "umlauts in an old charset": ("Content-Type: text/plain; charset=iso-8859-1", b"Gr\xfc\xdfe\r\n", False),
    "umlauts in another charset": ("Content-Type: text/plain; charset=gb18030", "Grüße\r\n".encode(), False),
    "umlauts said to be Latin-1": ("Content-Type: text/plain; charset=iso-8859-1", "Grüße\r\n".encode(), True),
    "ASCII as UTF-7": ("Content-Type: text/plain; charset=utf-7", UTF7, False),
    "ASCII as EBCDIC": ("Content-Type: text/plain; charset=cp037", b"Hello\r\n", False),
    "an escape that some charset knows": ("", b"Hello\x1b$B\r\n", False),
    # transfer encodings
    "a text without = as quoted-printable": (f"{TEXT}\n{QP}", b"Hello\r\n", True),
    "a text that may be quoted-printable, as such": (f"{TEXT}\n{QP}", LOOKS_QP, False),
    "a text that may be quoted-printable, as plain": (TEXT, LOOKS_QP, False),
    "a long quote that may be quoted-printable": (TEXT, LONG_QUOTE, False),
    "a long quote with a blank behind =": (TEXT, LONG_QUOTE.replace(b"=\r", b"= \r"), False),
    "a text that no encoder makes, as plain": (TEXT, LOOKS_QP + b"a = b\r\n", True),
    "a text that no encoder makes, as quoted-printable": (f"{TEXT}\n{QP}", LOOKS_QP + b"a = b\r\n", False),
    "raw letters, as plain": (TEXT, LOOKS_QP + "Grüße\r\n".encode(), True),
    "base64 as such": (f"{TEXT}\n{BASE64}", IN_BASE64, False),
    "base64 as plain": (TEXT, IN_BASE64, False),
    "a word that may be base64": (TEXT, b"approved\r\n", False),
    "words as base64": (f"{TEXT}\n{BASE64}", b"Hello Maria\r\n", False),
    "words as uuencode": (f"{TEXT}\nContent-Transfer-Encoding: x-uuencode", b"Hello\r\n", False),
    "two encodings": (f"{TEXT}\nContent-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: 7bit", b"Hi\r\n", False),
    "a multipart of parts without heads, as a text": (TEXT, framed(part(), part()), False),
    # HTML
    "HTML": (OF_HTML, b"<html><body>Hello</body></html>\r\n", True),
    "HTML as plain": (TEXT, b"<html><body>Hello</body></html>\r\n", False),
    "HTML that begins with words, as plain": (TEXT, b"Hello<br>Maria\r\n", False),
    "HTML that begins with words": (OF_HTML, b"Hello<br>Maria\r\n", False),
    "a text as HTML": (OF_HTML, b"Hello\r\n> <br>#assign eve\r\n", False),
    # lines that flow
    "lines that may flow": (TEXT, b"do not \r\n#resolve\r\n", False),
    "lines that may flow, and do": (f"{TEXT}; format=flowed", b"do not \r\n#resolve\r\n", False),
    "a line that may be stuffed": (TEXT, b"Hello\r\n #resolve\r\n", False),
    # multiparts
    "as Gmail signs": (GMAIL_TYPE, GMAIL, True),
    "as Gmail signs, with another boundary": (GMAIL_TYPE.replace("c3", "c4"), GMAIL, False),
    "as Gmail signs, as a text": (TEXT, GMAIL, False),
    "as Gmail signs, without a type": ("", GMAIL, False),
    "as Gmail signs, mixed": (GMAIL_TYPE.replace("alternative", "mixed"), GMAIL, False),
    "as Gmail signs, with a file": (MIXED, framed(BOTH, FILE), True),
    "with a preamble of Thunderbird's": (ALTERNATIVE, framed(PLAIN, HTML, before=THUNDERBIRD), True),
    "with a preamble of Outlook's": (MIXED, framed(PLAIN, FILE, before=THUNDERBIRD.replace("i-p", "ip")), True),
    "with a preamble of Thunderbird's, as a text": (TEXT, framed(PLAIN, FILE, before=THUNDERBIRD), False),
    "with words before": (MIXED, framed(PLAIN, before="Hello\r\n"), False),
    "with words behind": (MIXED, framed(PLAIN, after="Hello\r\n"), False),
    "with empty lines around": (MIXED, framed(PLAIN, before="\r\n", after="\r\n\r\n"), True),
    "a text with a multipart in it": (MIXED, INNER, False),
    "a text with a multipart in it, as a text": (TEXT, INNER, False),
    "without an end": (MIXED, framed(PLAIN).replace(b"--x--", b""), False),
    "without a boundary": ("Content-Type: multipart/mixed", framed(PLAIN), False),
    "separators that look like a frame": (MIXED.replace("=x", "=-"), b"---\r\nHello\r\n-----\r\n", False),
    "separators of a text": (TEXT, b"Hello\r\n------\r\nMaria\r\n-- \r\nAnna\r\n----\r\n", True),
    "parts in order, mixed": (MIXED, framed(PLAIN, FILE, PLAIN), True),
    "parts in order, as alternatives": (ALTERNATIVE, framed(PLAIN, FILE, PLAIN), False),
    "texts in order, as alternatives": (ALTERNATIVE, framed(PLAIN, PLAIN), False),
    "alternatives with pictures": (ALTERNATIVE, framed(PLAIN, RELATED), True),
    "alternatives with pictures, mixed": (MIXED, framed(PLAIN, RELATED), False),
    "a text and HTML that is shown": (MIXED, framed(PLAIN, INLINE_HTML), True),
    "one part": (ALTERNATIVE, framed(HTML), True),
    "related": (MIXED.replace("mixed", "related"), framed(HTML, FILE), True),
    "a digest": (MIXED.replace("mixed", "digest"), framed(PLAIN), False),
    "a receipt": (MIXED.replace("mixed", "report"), framed(PLAIN, RECEIPT), False),
    "a receipt, mixed": (MIXED, framed(PLAIN, RECEIPT), False),
    "a multipart in base64": (f"{MIXED}\n{BASE64}", framed(PLAIN), True),  # nobody decodes the whole
}


@pytest.mark.parametrize("case", CASES)
def test_a_signature_passes_where_the_body_can_be_read_in_one_way(case):
    """Whoever brings the mail writes, changes and takes away what is not signed."""
    fields, body, good = CASES[case]
    assert passes(fields, body) is good


# what else is signed, and then
SIGNED = {
    "words behind, with their type": (MIXED, framed(PLAIN, after="Hello\r\n"), (TYPE,), True),
    "mixed alternatives, with their type": (MIXED, framed(PLAIN, HTML), (TYPE,), True),
    "HTML that begins with words": (OF_HTML, b"Hello<br>Maria\r\n", (TYPE,), True),
    "an old charset": ("Content-Type: text/plain; charset=iso-8859-1", b"Gr\xfc\xdfe\r\n", (TYPE,), True),
    "type but no encoding": (f"{TEXT}\n{QP}", b"Gr=C3=BC=C3=9Fe\r\n", (TYPE,), False),
    "type but no encoding, for a file": (f"Content-Type: application/pdf\n{BASE64}", IN_BASE64, (TYPE,), False),
    "type but no disposition": (f"{TEXT}\nContent-Disposition: attachment", b"Hello\r\n", (TYPE, CODING), False),
    "type and encoding": (f"{TEXT}\n{QP}", b"Gr=C3=BC=C3=9Fe\r\n", (TYPE, CODING), True),
    "a file": (f"Content-Type: application/pdf\n{BASE64}", IN_BASE64, (TYPE, CODING), True),
    "encoding but no type": (f"{TEXT}\n{QP}", b"Gr=C3=BC=C3=9Fe\r\n", (CODING,), True),
    "encoding but no type, HTML within": (f"{TEXT}\n{QP}", b"Hello=3Cbr>=0A\r\n", (CODING,), False),
    "all of them": (f"{TEXT}\n{DISPOSITION.decode()}: inline", b"a=0A\r\n", (TYPE, CODING, DISPOSITION), True),
}


@pytest.mark.parametrize("case", SIGNED)
def test_what_is_signed_needs_no_second_look(case):
    """What a signer says of the body is the signer's word."""
    fields, body, covered, good = SIGNED[case]
    assert passes(fields, body, *covered) is good


def test_other_words_out_of_the_same_body_prove_nothing():
    """A type that was added makes a quoted part the whole mail: it is read so, and its signature passes no more."""
    raw = signed(HEAD + b"\r\n" + INNER)
    evil = f"MIME-Version: 1.0\r\n{MIXED}\r\n".encode() + raw
    assert parse(evil).text == "Pay to 666."
    assert verify(evil, {NAME: record()}, AT) == ()


@pytest.mark.parametrize("case", CASES)
def test_whatever_is_asked_of_a_body_gives_one_reading(case):
    """By every way to declare a mail that the table knows, but for blanks behind the marks of quotes."""
    readings = set()
    for fields in {fields for fields, _, _ in CASES.values()}:
        raw = "".join(f"{line}\r\n" for line in fields.splitlines()).encode() + HEAD + b"\r\n" + CASES[case][1]
        if one_reading(raw, read_head(raw), frozenset()):
            mail = parse(raw)
            words = re.sub(r"^(>+) ?", r"\1", mail.full_text, flags=re.MULTILINE)
            readings.add((words, mail.html, tuple(a.content for a in mail.attachments)))
    assert len(readings) <= 1


def test_line_ends_that_a_field_above_may_have_mended_show_no_reading():
    """CR CR LF is one line end or two, as the first fields of the mail say, which nobody has signed."""
    assert passes(TEXT, b"Hello\r\nWorld\r\n", TYPE)
    assert not passes(TEXT, b"Hello\r\r\n> World\r\r\n", TYPE)
