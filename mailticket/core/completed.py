"""What the reader adds to a parsed mail: the mail that it passes on, and the language of its words."""

from __future__ import annotations

from .forwarded import with_forwarded
from .language import with_language
from .types import ParsedMail


def completed(mail: ParsedMail) -> ParsedMail:
    return with_language(with_forwarded(mail))
