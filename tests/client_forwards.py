"""How Outlook, Gmail, Apple Mail and Thunderbird pass a mail on: the words above it, its head, and all of it below."""
# ruff: noqa: E501 - HTML as clients write it

from __future__ import annotations

from html import escape

from client_forms import FORMS
from clients import Lines, Old, marked

ON = "Monday, November 23, 2026 at 9:00 AM"


def _head(old: Old, *, answers_to: bool = False) -> tuple[tuple[str, str], ...]:
    """What stands of it above its words; Apple's and Thunderbird's say where it is to be answered, too."""
    rows = [("From", f"{old.sender} <{old.address}>"), ("Date", ON), ("Subject", str(old.message["subject"]))]
    rows += [("Reply-To", str(old.message["reply-to"]))] if answers_to else []
    return (*rows, ("To", "Anna Dvořák <anna@acme.example>"))


def _page(lines: Lines, below: str) -> str:
    said = "".join(f"<div>{escape(line) or '<br>'}</div>" for line in lines)
    return f'<html><body><div dir="ltr">{said}</div>{below}</body></html>'


def _gmail_text(lines: Lines, old: Old) -> str:
    head = "\n".join(f"{name}: {value}" for name, value in _head(old))
    return "\n".join((*lines, "", "---------- Forwarded message ---------", head, "", "", old.text))


def _gmail_html(lines: Lines, old: Old) -> str:
    head = "<br>".join(f"{name}: {escape(value)}" for name, value in _head(old))
    return _page(
        lines,
        f'<br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">---------- Forwarded message ---------<br>{head}<br></div><br><br>{old.within}</div>',
    )


def _apple_text(lines: Lines, old: Old) -> str:
    head = "\n".join(f"> {name}: {value}" for name, value in _head(old, answers_to=True))
    return "\n".join((*lines, "", "> Begin forwarded message:", "> ", head, "> ", marked(old), ""))


def _apple_html(lines: Lines, old: Old) -> str:
    head = "".join(
        f'<div style="margin: 0px;"><span><b>{name}: </b></span><span>{escape(value)}<br></span></div>'
        for name, value in _head(old, answers_to=True)
    )
    return _page(
        lines,
        f'<div><br><blockquote type="cite"><div>Begin forwarded message:</div><br class="Apple-interchange-newline">{head}<br><div>{old.within}</div></blockquote></div>',
    )


def _bird_text(lines: Lines, old: Old) -> str:
    head = "\n".join(f"{name}: \t{value}" for name, value in _head(old, answers_to=True))
    return "\n".join((*lines, "", "", "-------- Forwarded Message --------", head, "", "", "", old.text))


def _bird_html(lines: Lines, old: Old) -> str:
    rows = "".join(
        f'<tr><th valign="BASELINE" align="RIGHT" nowrap="nowrap">{name}: </th><td>{escape(value)}</td></tr>'
        for name, value in _head(old, answers_to=True)
    )
    return _page(
        lines,
        f'<div class="moz-forward-container"><br><br>-------- Forwarded Message --------<table class="moz-email-headers-table" cellspacing="0" cellpadding="0" border="0"><tbody>{rows}</tbody></table><br><br>{old.within}</div>',
    )


def _nothing(_lines: Lines, _old: Old) -> str:
    return ""


_OWN = {
    "Gmail": (_gmail_text, _gmail_html),
    "Gmail, telephone": (_gmail_text, _gmail_html),
    "Apple Mail": (_apple_text, _apple_html),
    "iPhone": (_apple_text, _apple_html),
    "iPhone, HTML alone": (_nothing, _apple_html),
    "Thunderbird": (_bird_text, _nothing),
    "Thunderbird, HTML": (_nothing, _bird_html),
}
# Outlook passes a mail on as it replies to it, under another subject.
FORWARDS = {
    name: form._replace(text=_OWN[name][0], html=_OWN[name][1]) if name in _OWN else form
    for name, form in FORMS.items()
}


def subject(client: str, old: Old) -> str:
    return f"{'FW' if client.startswith('Outlook') else 'Fwd'}: {old.message['subject']}"
