"""Outlook, Gmail, Apple Mail and Thunderbird: how each forms a reply, with its signature."""
# ruff: noqa: E501 - HTML as clients write it

from __future__ import annotations

import textwrap
from html import escape

from clients import ON, RULE, Form, Lines, Old, block, bold, exchange, marked, usual, without_references

# --- Outlook -------------------------------------------------------------------------------------------------


def _word_text(lines: Lines, old: Old) -> str:
    """Each paragraph and an empty line, an empty one as a hard space."""
    shown = (line or "\u00a0" for line in (*lines, "", "Anna Dvořák", "Acme, Brno", ""))
    return "\n\n".join((*shown, block(old))) + f"\n\n{old.text}"


def _word_html(lines: Lines, old: Old) -> str:
    def paragraph(line: str) -> str:
        return (
            f'<p class="MsoNormal">{f"<span style=3D>{line}</span>" if line else "<o:p>&nbsp;</o:p>"}<o:p></o:p></p>\n'
        )

    said = "".join(paragraph(escape(line)) for line in lines).replace(
        "<span style=3D>", '<span lang="EN-US" style="font-size:11.0pt">'
    )
    signed = '<p class="MsoNormal"><a name="_MailAutoSig"><span style="color:#1F497D">Anna Dvořák<o:p></o:p></span></a></p><p class="MsoNormal"><span style="color:#1F497D">Acme, Brno<o:p></o:p></span></p>'
    head = f'<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">{bold(old)}<o:p></o:p></p></div></div>'
    return (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!-- p.MsoNormal {margin:0cm;} --></style></head>'
        f'<body lang="EN-US" link="#0563C1"><div class="WordSection1">{said}{paragraph("")}{signed}{paragraph("")}{head}{paragraph("")}<div>{old.within}</div></div></body></html>'
    )


def _web_text(lines: Lines, old: Old) -> str:
    return "\n".join((*lines, "", "Anna Dvořák", "Acme, Brno", RULE)) + f"\n{block(old)}\n\n{old.text}"


def _web_html(lines: Lines, old: Old) -> str:
    style = 'class="elementToProof" style="font-family: Aptos, sans-serif; font-size: 12pt; color: rgb(0, 0, 0);"'
    said = "".join(f"<div {style}>{escape(line) or '<br>'}</div>" for line in lines)
    return (
        f'<html><head><style type="text/css" style="display:none;"> P {{margin-top:0;margin-bottom:0;}} </style></head><body dir="ltr">{said}<div id="Signature" {style}><div {style}>Anna Dvořák</div><div {style}>Acme, Brno</div></div>'
        f'<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" color="#000000" style="font-size:11pt">{bold(old)}</font><div>&nbsp;</div></div><div>{old.within}</div></body></html>'
    )


def _phone_text(lines: Lines, old: Old) -> str:
    return "\n".join((*lines, "", "Get Outlook for iOS<https://aka.ms/o0ukef>", RULE)) + f"\n{block(old)}\n\n{old.text}"


def _phone_html(lines: Lines, old: Old) -> str:
    said = "".join(f'<div dir="ltr" style="font-family:Aptos, Arial">{escape(line) or "<br>"}</div>' for line in lines)
    return (
        f'<html><head></head><body>{said}<div id="ms-outlook-mobile-signature" dir="ltr"><div><br></div><div dir="ltr">Get <a href="https://aka.ms/o0ukef">Outlook for iOS</a></div></div>'
        f'<div id="mail-editor-reference-message-container" class="ms-outlook-mobile-reference-message"><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" style="font-size: 11pt;">{bold(old)}<br></div>{old.within}</div></body></html>'
    )


# --- Gmail ---------------------------------------------------------------------------------------------------

_ADDED = "margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"


def _gmail_quoted(old: Old) -> tuple[str, str]:
    who = (
        f"{old.sender} <\n{old.address}>"
        if len(f"{ON} {old.sender} <{old.address}> wrote:") > 76
        else f"{old.sender} <{old.address}>"
    )
    html = f'<div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">{ON} {old.sender} &lt;<a href="mailto:{old.address}">{old.address}</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="{_ADDED}">{old.within}</blockquote></div>'
    return f"{ON} {who} wrote:\n\n{marked(old)}", html


def _gmail_text(lines: Lines, old: Old) -> str:
    """Wrapped where nobody asked for it."""
    said = "\n".join(textwrap.fill(line, 76, break_on_hyphens=False) for line in lines)
    return f"{said}\n\n-- \nAnna Dvořák\nAcme, Brno\n\n\n{_gmail_quoted(old)[0]}\n"


def _gmail_html(lines: Lines, old: Old) -> str:
    first, *rest = lines
    said = escape(first) + "".join(f"<div>{escape(line) or '<br>'}</div>" for line in rest)
    signed = '<div><br></div><span class="gmail_signature_prefix">-- </span><br><div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature"><div dir="ltr">Anna Dvořák<div>Acme, Brno</div></div></div>'
    return f'<div dir="ltr">{said}{signed}</div><br>{_gmail_quoted(old)[1]}\r\n'


def _gmail_phone_text(lines: Lines, old: Old) -> str:
    return "\n".join((*lines, "")) + f"\n{_gmail_quoted(old)[0]}\n"


def _gmail_phone_html(lines: Lines, old: Old) -> str:
    said = "".join(f'<div dir="auto">{escape(line) or "<br>"}</div>' for line in lines)
    return f'<div dir="auto">{said}</div><br>{_gmail_quoted(old)[1]}'


# --- Apple Mail ----------------------------------------------------------------------------------------------


def _apple_text(lines: Lines, old: Old) -> str:
    return (
        "\n".join(lines)
        + f"\n\n\n> On 23 Nov 2026, at 09:00, {old.sender} <{old.address}> wrote:\n> \n{marked(old)}\n\n"
    )


def _apple_html(lines: Lines, old: Old) -> str:
    first, *rest = lines
    said = escape(first) + "".join(f"<div>{escape(line) or '<br>'}</div>" for line in rest)
    return f'<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body style="overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;">{said}<div><br><blockquote type="cite"><div>On 23 Nov 2026, at 09:00, {old.sender} &lt;{old.address}&gt; wrote:</div><br class="Apple-interchange-newline"><div>{old.within}</div></blockquote></div><br></body></html>'


def _iphone_text(lines: Lines, old: Old) -> str:
    return (
        "\n".join((*lines, "", "Sent from my iPhone", ""))
        + f"\n> On 23 Nov 2026, at 09:00, {old.sender} <{old.address}> wrote:\n> \n> \ufeff\n{marked(old)}\n"
    )


def _iphone_html(lines: Lines, old: Old) -> str:
    said = "".join(f'<div dir="ltr">{escape(line) or "<br>"}</div>' for line in lines)
    return f'<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body dir="auto"><div dir="ltr"></div>{said}<div dir="ltr"><br id="lineBreakAtBeginningOfSignature"><div dir="ltr">Sent from my iPhone</div></div><div dir="ltr"><br><blockquote type="cite">On 23 Nov 2026, at 09:00, {old.sender} &lt;{old.address}&gt; wrote:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">\ufeff{old.within}</div></blockquote></body></html>'


def _curly(line: str) -> str:
    """What a telephone makes of quotes, dashes and the first letter."""
    line = line.replace("'", "\u2019").replace(" - ", " \u2013 ").replace("--", "\u2014")
    return f"#{line[1:2].upper()}{line[2:]}" if line[1:2].islower() and line.startswith("#") else line


# --- Thunderbird ---------------------------------------------------------------------------------------------


def _bird_text(lines: Lines, old: Old) -> str:
    """Below the quote, flowed."""
    flowed = "\n".join(textwrap.fill(line, 70, break_on_hyphens=False).replace("\n", " \n") for line in lines)
    return f"On 23/11/2026 09:00, {old.sender} wrote:\n{marked(old)}\n\n{flowed}\n\n-- \nAnna Dvořák\nAcme, Brno\n"


def _bird_html(lines: Lines, old: Old) -> str:
    said = "".join(f"<p>{escape(line) or '<br>'}</p>" for line in lines)
    return f'<html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8"></head><body>{said}<div class="moz-signature">-- <br>Anna Dvořák<br>Acme, Brno</div><div class="moz-cite-prefix">On 23/11/2026 09:00, {old.sender} wrote:<br></div><blockquote type="cite" cite="mid:{old.id.strip("<>")}">{old.within}</blockquote></body></html>'


def _nothing(_lines: Lines, _old: Old) -> str:
    return ""


FLOWED = "text/plain; charset=utf-8; format=flowed"
FORMS = {
    "Outlook": Form(_word_text, _word_html, exchange),
    "Outlook without References": Form(_word_text, _word_html, without_references),
    "Outlook, HTML alone": Form(_nothing, _word_html, exchange),
    "Outlook, hard spaces": Form(_word_text, _word_html, exchange, typed=lambda line: f"\u00a0{line}\u00a0" if line else line),
    "Outlook, web": Form(_web_text, _web_html, exchange),
    "Outlook, iOS": Form(_phone_text, _phone_html, exchange, typed=_curly),
    "Gmail": Form(_gmail_text, _gmail_html, usual),
    "Gmail, telephone": Form(_gmail_phone_text, _gmail_phone_html, usual, typed=_curly),
    "Apple Mail": Form(_apple_text, _apple_html, usual),
    "iPhone": Form(_iphone_text, _iphone_html, usual, typed=_curly),
    "iPhone, HTML alone": Form(_nothing, _iphone_html, usual, typed=_curly),
    "Thunderbird": Form(_bird_text, _nothing, usual, plain=FLOWED),
    "Thunderbird, HTML": Form(_nothing, _bird_html, usual),
}  # fmt: skip
