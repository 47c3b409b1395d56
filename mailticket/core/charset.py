"""From bytes to clean text: charsets as mailers mean them, RFC 2047 words, format=flowed (RFC 3676)."""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Iterator

from .charset_guess import guess
from .charset_names import codec
from .transfer import decode_pieces

_PIECE = 1 << 20

_SHORT = 4  # octets, fewer of which tell nothing
_JAPANESE = re.compile(rb"\x1b\$[@B][!-~]")
_ESCAPE = re.compile(rb"(\x1b(?:\$[@B]|\([BIJH]))")
_ESCAPED = re.compile(rb"\x1b\$[@B]([^\x1b\r\n]*)|\x1b\([BJH]")
MAX_ESCAPES = 10_000  # in text that is not as it should be; any more stand as they are
_TWO_OCTETS = frozenset({b"\x1b$@", b"\x1b$B"})
_HIGH = bytes(b + 128 if 0x21 <= b <= 0x7E else b for b in range(256))  # noqa: PLR2004 - the JIS octets
_ASCII = bytes(range(128))
_SINGLE = ("cp125", "iso8859", "koi8", "mac", "cp85", "cp437", "cp866", "cp874")
# Where the declared charset does not fit: what else goes by its name.
_MIXED_UP = {
    "cp932": ("euc_jp",),
    "euc_jp": ("cp932",),
    "gb18030": ("cp950",),
    "cp950": ("big5hkscs", "gb18030"),
    "cp949": ("johab",),
}

# ISO charsets have controls where Windows' have letters and quotation marks: with any of these it is the latter.
_WINDOWS = {
    "iso8859-2": "cp1250",
    "iso8859-4": "cp1257",
    "iso8859-5": "cp1251",
    "iso8859-6": "cp1256",
    "iso8859-7": "cp1253",
    "iso8859-13": "cp1257",
    "iso8859-15": "cp1252",
}
_HIGH_CONTROLS = bytes(range(0x80, 0xA0))

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_ONE_LINE = re.compile("[\\s\x00-\x1f\x7f\x85\u2028\u2029]+")
_SURROGATES = re.compile("[\ud800-\udfff]")
# Relays break long lines by CR LF SPACE where 998 octets are full, be it within a letter (Postfix does).
_CUT_LETTER = re.compile(rb"([\xc2-\xf4][\x80-\xbf]{0,2})\r?\n ([\x80-\xbf])")
# `[^?]` keeps it linear: a scan from any "=?" ends at the next question mark.
# Mailers leave question marks in words, and what cuts a long header off leaves its last word without an end.
_WORD = re.compile(r"=\?([^?\s]*)\?([qQbB])\?([^?]*+(?:\?(?!=|\Z)[^?]*+){0,8})(?:\?=|\??\Z)")


def decode(data: bytes, charset: str = "", languages: tuple[str, ...] = ()) -> str:
    """The text of some bytes: as declared, else UTF-8, else as the languages are written; U+FFFD for no letter."""
    wanted = codec(charset) if charset else ""
    if (text := _marked(data, wanted)) is not None:
        return text
    for name in _ladder(data, wanted):
        try:
            return data.decode(name)
        except (UnicodeError, ValueError):
            continue
    # A legible text with a few holes beats a guess, when most of it is what was declared.
    if wanted and wanted not in {"utf-8-sig", "cp1252"}:
        text = data.decode(wanted, "replace")
        if text.count("\ufffd") * 20 < len(text):
            return text
    # In UTF-8 the whole letters tell: of another charset's text hardly any two octets make one.
    text = _CUT_LETTER.sub(rb"\1\2", data).decode("utf-8-sig", "replace")
    holes = text.count("\ufffd")
    if len(text) - len(text.encode("ascii", "ignore")) > 2 * holes:
        return text
    return data.decode(guess(data, languages) or "cp1252", "replace")


def _marked(data: bytes, wanted: str) -> str | None:
    """Text that says itself what it is, by a byte order mark or an escape of Japanese, whatever was declared."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"} and len(data) > _SHORT and not len(data) % 2:
        return data.decode("utf-16", "replace")
    if wanted in {"iso2022_jp", "iso2022_jp_1", "iso2022_jp_2"} or _JAPANESE.search(data, 0, _PIECE):
        return from_japanese(data)
    if wanted in {"utf-16", "utf-16-le", "utf-16-be"} or b"\0" in data[:_SHORT]:
        return _utf16(data, declared=wanted.startswith("utf-16"))
    return None


def _utf16(data: bytes, *, declared: bool) -> str | None:
    """UTF-16 without a mark: most of its text is ASCII, whose other octets are NULs."""
    sample = data[:_PIECE]
    big, little = sample[::2].count(0), sample[1::2].count(0)
    if not declared and 3 * max(big, little) < len(sample):
        return None
    if declared and not big and not little and sample.isascii():
        return None  # it only says so
    return data.decode("utf-16-le" if little > big else "utf-16-be", "replace")


def _ladder(data: bytes, wanted: str) -> tuple[str, ...]:
    """The codecs to try. Hardly any text of a single-byte charset can be read as UTF-8: what can be, is."""
    if not wanted or wanted.startswith("utf-16"):  # it would have been seen
        return ("utf-8-sig",)
    if wanted.startswith(_SINGLE) and _shows_utf8(data):
        return ("utf-8-sig",)
    if wanted in _WINDOWS and len(data.translate(None, _HIGH_CONTROLS)) < len(data):
        return (_WINDOWS[wanted], wanted)
    return (wanted, "utf-8-sig", *_MIXED_UP.get(wanted, ()))


def is_utf8(data: bytes) -> bool:
    """ASCII is, too."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _shows_utf8(data: bytes) -> bool:
    """Not ASCII, and more than the one pair of letters that may look so by chance ("Ú" and "ľ" of cp1250 do)."""
    high = data.translate(None, _ASCII)
    if not high or not is_utf8(data):
        return False
    return len(high) > 2 or high[0] < 0xC9  # noqa: PLR2004 - up to U+023F are Latin letters


def from_japanese(data: bytes) -> str:
    """ISO-2022-JP as it is written: with a maker's characters, half-width kana, and Shift_JIS where no escape is."""
    if data.isascii() and b"\x1b(I" not in data:
        return _kanji(_ESCAPED.sub(_raised, data))
    first, *rest = _ESCAPE.split(data, MAX_ESCAPES)
    out = [_unescaped(first)]
    for escape, run in zip(rest[::2], rest[1::2], strict=True):
        if escape in _TWO_OCTETS or escape == b"\x1b(I":
            end = next((n for n in (run.find(b"\r"), run.find(b"\n")) if n >= 0), len(run))  # a line ends it
            high = run[:end].translate(_HIGH)
            out.append(_kanji(high) if escape in _TWO_OCTETS else high.decode("cp932", "replace"))
            run = run[end:]  # noqa: PLW2901 - the rest of it
        out.append(_unescaped(run))
    return "".join(out)


def _raised(match: re.Match[bytes]) -> bytes:
    """The characters behind an escape as those of EUC-JP."""
    return match[1].translate(_HIGH) if match[1] else b""


def _kanji(euc: bytes) -> str:
    try:
        return euc.decode("euc_jp")
    except UnicodeDecodeError:
        return euc.decode("euc_jis_2004", "replace")  # it has the makers' signs, too


def _unescaped(run: bytes) -> str:
    for name in ("ascii", "utf-8", "cp932", "euc_jp"):
        try:
            return run.decode(name)
        except UnicodeDecodeError:
            continue
    return run.decode("cp932", "replace")


def decode_lines(data: bytes, charset: str = "", languages: tuple[str, ...] = ()) -> str:
    """Clean text of several lines, with "\\n" between them."""
    return clean(decode(data, charset, languages).replace("\r\n", "\n").replace("\r", "\n"))


def to_utf8(data: bytes, charset: str = "", languages: tuple[str, ...] = ()) -> bytes:
    """The same bytes in UTF-8, read as `decode` does but a piece at a time: for files of any size."""
    wanted = codec(charset) if charset else ""
    if (text := _marked(data[:_PIECE], wanted)) is not None:
        text = _marked(data, wanted)
        return (text or "").encode("utf-8", "replace")
    for name in _ladder(data, wanted):
        try:
            return b"".join(_recoded(data, name, "strict"))
        except (UnicodeError, ValueError):
            continue
    return b"".join(_recoded(data, guess(data, languages) or "cp1252", "replace"))


def _recoded(data: bytes, name: str, errors: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(name)(errors)
    for start in range(0, len(data), _PIECE):
        piece = decoder.decode(data[start : start + _PIECE], final=start + _PIECE >= len(data))
        yield piece.encode("utf-8", "replace")


def clean(text: str) -> str:
    """Text that every database and mail can hold: no NUL or other controls, no lone surrogates."""
    return _CONTROLS.sub(lambda m: "\ufffd" if m[0] >= "\ud800" else "", text)


def one_line(text: str) -> str:
    """A header's value: nothing in it can begin a new line, white space is single."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip(" ")
    text = _ONE_LINE.sub(" ", text).strip(" ")
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def decode_words(text: str) -> str:
    """Text with its encoded words (RFC 2047) decoded, also those within words; what cannot be stands as it came."""
    for _ in range(2):
        if "=?" in text:
            text = _decode_words(text)
    return text


def _decode_words(text: str) -> str:
    out: list[str] = []
    run: list[bytes] = []  # neighbours of one charset: mailers cut through the middle of a letter
    charset = ""
    end = 0
    for match in _WORD.finditer(text):
        between = text[end : match.start()]
        data = _word_bytes(match[2], match[3], match[1])
        if run and (between.strip() or match[1].lower() != charset):
            out.append(decode(b"".join(run), charset))
            run.clear()
            if between.strip():
                out.append(between)
        elif not run:
            out.append(between)
        run.append(data)
        charset = match[1].lower()
        end = match.end()
    if run:
        out.append(decode(b"".join(run), charset))
    return "".join((*out, text[end:]))


def _word_bytes(encoding: str, word: str, charset: str) -> bytes:
    # Raw letters in a word are against the rules; they are meant in the word's own charset.
    data = word.encode("ascii" if word.isascii() else (codec(charset) or "utf-8").removesuffix("-sig"), "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data.replace(b"_", b" "), header=True)
    return decode_pieces(data)[0]


def unflow(text: str, *, delsp: bool) -> str:
    """The paragraphs of format=flowed text (RFC 3676, sections 4.1 to 4.4) as one line each."""
    out: list[str] = []
    open_depth = -1  # the quote depth of the paragraph that goes on, -1 for none
    pieces: list[str] = []

    def close() -> None:
        if pieces:
            out.append(">" * open_depth + (" " if open_depth else "") + "".join(pieces))
            pieces.clear()

    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")  # space-stuffing
        flows = content.endswith(" ") and content != "-- "
        if open_depth != depth or content == "-- ":
            close()
        open_depth = depth
        pieces.append(content[:-1] if flows and delsp else content)
        if not flows:
            close()
            open_depth = -1
    close()
    return "\n".join(out)
