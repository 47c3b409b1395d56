"""Names for files: without folders and tricks, made up where there is none, and each only once in a mail."""

from __future__ import annotations

import re
from collections import Counter
from mimetypes import MimeTypes
from urllib.parse import unquote

from .charset import one_line

MAX_NAME = 200  # octets of a file's name
MAX_DESCRIBED = 100  # characters of a description or subject that are a name
_MAX_ENDING = 20  # octets: what is longer is no ending

# Path separators go first; then controls, and the marks that make "exe.txt" of "txt.exe" to the eye.
_NAME_JUNK = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SEPARATORS = re.compile(r"[/\\]+")
_DRIVE = re.compile(r"[A-Za-z]:(?=[^ ])")
# content type (or its first half) → what a nameless file is called
_NAMES = {
    "image": "picture",
    "audio": "sound",
    "video": "video",
    "message": "message",
    "text/calendar": "invitation",
    "text/vcard": "contact",
    "text/x-vcard": "contact",
    "message/delivery-status": "delivery-status",
    "application/pgp-encrypted": "version",
    "application/pgp-signature": "signature",
    "application/pkcs7-signature": "signature",
    "application/x-pkcs7-signature": "signature",
}
_ENDINGS = {
    "image/jpeg": "jpg",
    "image/svg+xml": "svg",
    "image/tiff": "tif",
    "image/x-icon": "ico",
    "audio/mpeg": "mp3",
    "video/quicktime": "mov",
    "message/rfc822": "eml",
    "message/global": "eml",
    "message": "txt",
    "text": "txt",
    "text/calendar": "ics",
    "text/vcard": "vcf",
    "text/x-vcard": "vcf",
    "text/html": "html",
    "text/csv": "csv",
    "text/rtf": "rtf",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "application/gzip": "gz",
    "application/json": "json",
    "application/xml": "xml",
    "application/rtf": "rtf",
    "application/msword": "doc",
    "application/vnd.ms-excel": "xls",
    "application/vnd.ms-powerpoint": "ppt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/postscript": "ps",
    "application/ms-tnef": "dat",
    "application/pgp-signature": "asc",
    "application/pgp-encrypted": "asc",
    "application/pgp-keys": "asc",
    "application/pkcs7-signature": "p7s",
    "application/x-pkcs7-signature": "p7s",
    "application/pkcs7-mime": "p7m",
    "application/x-pkcs7-mime": "p7m",
}
# How files begin → what they are, for what is only called "octets", or a text that is none.
_BEGINNINGS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"{\\rtf", "application/rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
)
_FILE = re.compile(r"[^:]{1,100}\.[A-Za-z0-9]{2,5}")
_NAME_IN_ID = re.compile(r"([\w. -]{1,60}\.(?:png|jpe?g|gif|bmp|tiff?|webp|svg))@", re.IGNORECASE)
_TYPES = MimeTypes(())  # what the library knows, and no file of the machine
_SIMPLE_ENDING = re.compile(r"[a-z0-9]{2,5}")


def safe_name(name: str) -> str:
    """A file's name without folders, controls and tricks; "" when nothing is left."""
    drive = _DRIVE.match(name)
    name = _SEPARATORS.split(name[drive.end() if drive else 0 :].rstrip("/\\"))[-1]
    name = one_line(_NAME_JUNK.sub("", name)).strip(". ")
    if len(name.encode()) <= MAX_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending.encode()) > _MAX_ENDING:
        stem, ending = name, ""
    room = MAX_NAME - len(ending.encode()) - len(dot)
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip() + (f".{ending}" if ending else "")


def kind_of(content: bytes) -> str:
    """The content type that the first octets show, "" for none."""
    return next((kind for beginning, kind in _BEGINNINGS if content.startswith(beginning)), "")


def described_name(words: str, content_type: str) -> str:
    """A name of what the sender calls the part: its description, or a message's subject. "" for none."""
    words = _SEPARATORS.sub(" ", words).rstrip(". ")
    if not words.strip() or len(words) > MAX_DESCRIBED:
        return ""
    ending = _ending(content_type)
    _, dot, last = words.rpartition(".")
    named = bool(dot) and (last.lower() == ending or (ending == "bin" and _SIMPLE_ENDING.fullmatch(last.lower())))
    return safe_name(words if named else f"{words}.{ending}")


def name_in_id(content_id: str) -> str:
    """Outlook writes the name of a picture into its Content-ID: image001.png@01D2EE6A.85652C70."""
    match = _NAME_IN_ID.match(content_id)
    return safe_name(match[1]) if match else ""


def name_in_location(location: str) -> str:
    """The last part of a Content-Location, where it is one of a file."""
    name = _SEPARATORS.split(unquote(location.partition("?")[0]))[-1]
    return safe_name(name) if _FILE.fullmatch(name) else ""


def type_of(name: str, content: bytes) -> str:
    """The content type of a file that comes without one."""
    return kind_of(content) or _TYPES.guess_type(name)[0] or "application/octet-stream"


class Names:
    """Gives every file of a mail a name of its own."""

    def __init__(self) -> None:
        self._nameless: Counter[str] = Counter()
        self._taken: Counter[str] = Counter()

    def give(self, name: str, content_type: str, described: str = "") -> str:
        """The name made safe; what it is called, or one of the type, where nothing is left of it; numbered where it is
        taken."""
        name = safe_name(name) or described
        if not name:
            stem = _NAMES.get(content_type) or _NAMES.get(content_type.partition("/")[0]) or "file"
            self._nameless[stem] += 1
            name = f"{stem}-{self._nameless[stem]}.{_ending(content_type)}"
        return self._unused(name)

    def _unused(self, name: str) -> str:
        """The name, or "name-2.txt" where an earlier file of this mail has it."""
        unique = name
        while self._taken[unique.casefold()]:
            self._taken[name.casefold()] += 1
            stem, dot, ending = name.rpartition(".")
            number = self._taken[name.casefold()]
            unique = f"{stem}-{number}.{ending}" if dot and stem else f"{name}-{number}"
        self._taken[unique.casefold()] += 1
        return unique


def _ending(content_type: str) -> str:
    kind, _, sub = content_type.partition("/")
    sub = sub.removeprefix("x-")
    ending = _ENDINGS.get(content_type) or _ENDINGS.get(kind)
    if ending is None:
        ending = sub if kind != "application" and _SIMPLE_ENDING.fullmatch(sub) else "bin"
    return ending
