"""The page on what is read of one mail."""

from __future__ import annotations

from ..core.bounds import BOUNDS

_PAGE = """\
# The bounds of a mail

<!-- Made from the code by `python -m mailticket.cli.docs`; a test fails when they differ. -->

What comes from strangers is read within bounds. Whatever is over one, the mail as it came is kept in the inbox
(`mailticket inbox show ID --raw`), `mailticket explain` names it among the `defects`, and `mailticket inbox retry`
reads what is in quarantine again, say after an upgrade. How large a mail may be at all is `max_message_size` in the
config.

| at most | of | what becomes of what is over |
|---|---|---|
"""


def bounds_page() -> str:
    return _PAGE + "".join(f"| {bound.most:,.10g} | {bound.what} | {bound.over} |\n" for bound in BOUNDS)
