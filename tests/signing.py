"""Mails signed with DKIM, and the keys as DNS would tell them. dkimpy signs; what is odd is written by hand."""

import base64
import hashlib
import re
from functools import cache

import dkim
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

NAME = "s1._domainkey.acme.example"
HEADERS = (b"from", b"to", b"subject", b"date", b"message-id", b"in-reply-to", b"references", b"cc")
MAIL = (
    b"From: Anna <anna@acme.example>\r\nTo: support@acme.example\r\nSubject: Order\r\n"
    b"Date: Mon, 23 Nov 2026 09:00:00 +0100\r\nMessage-ID: <1@acme.example>\r\n\r\n#resolve\r\n\r\nThank you.\r\n"
)
# 512 bits, made with openssl: the library above makes none so short.
SHORT_KEY = (
    b"-----BEGIN RSA PRIVATE KEY-----\n"
    b"MIIBOwIBAAJBAMwkzQsHn5mga+Nk8CEPBZ6G3QPkLnX6cGbZRrDc001N89J88qAdHJFxLhqyREyUTl5UeOl+EWgd69XNmO2LsUMCAwEAAQJAOv"
    b"TZ3riZ6DVDU03AZ9u9xLWwOMJ6hIoKUjmnx8ZOpAE+LME5uvU865ELbGBBXYG0pdsECe4ZeXwD/QLJkC0wMQIhAOyqtJqs+d54KRPePE9rEFMy"
    b"V9iY+90Y1xooH7AXUzKrAiEA3NH0+L1+0BjnRcGLQ1HDk6AYdqSHMJiC67AafFWiu8kCIBQXuhWXse8NTI9/QqeLc2tcztB4zIlM3pY96dLNaC"
    b"bZAiEAwAkPQ6p4OD0QE8fndpoKvb2CyNr4friDUriJsAtBRJECIQC3gzH9li/33JsUOoV1SnHaG+cY3HgzHeY//f7sEjz3Dw=="
    b"\n-----END RSA PRIVATE KEY-----\n"
)
SHORT_RECORD = (
    b"v=DKIM1; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMwkzQsHn5mga+Nk8CEPBZ6G3QPkLnX6cGbZRrDc001N89J88qAdHJFxLh"
    b"qyREyUTl5UeOl+EWgd69XNmO2LsUMCAwEAAQ=="
)


@cache
def key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def pem_of(bits: int) -> bytes:
    return key(bits).private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def record(bits: int = 2048, more: str = "v=DKIM1; k=rsa; ") -> bytes:
    public = key(bits).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"{more}p={base64.b64encode(public).decode()}".encode()


def signed(mail: bytes = MAIL, *, bits: int = 2048, headers: tuple[bytes, ...] = HEADERS, **options) -> bytes:
    """As a mail server of acme.example signs."""
    pem = (
        SHORT_KEY
        if bits == 512
        else key(bits).private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    values = {"canonicalize": (b"relaxed", b"relaxed"), "include_headers": list(headers)} | options
    domain = values.pop("domain", b"acme.example")
    return dkim.DKIM(mail).sign(b"s1", domain, pem, **values) + mail


def by_hand(tags: dict[str, str], mail: bytes = MAIL, bits: int = 2048) -> bytes:
    """A relaxed signature with whatever tags: `None` leaves one out. A list of names in h= that stand once."""
    head, _, body = mail.partition(b"\r\n\r\n")
    body = re.sub(rb"[\t ]+", b" ", body).replace(b" \r\n", b"\r\n").rstrip(b"\r\n") + b"\r\n"
    values = {
        "v": "1", "a": "rsa-sha256", "c": "relaxed/relaxed", "d": "acme.example", "s": "s1",
        "h": "from:to:subject:date:message-id",
        "bh": base64.b64encode(hashlib.sha256(body).digest()).decode(),
    } | tags  # fmt: skip
    fields = dict(line.split(b":", 1) for line in head.split(b"\r\n"))
    fields = {name.lower(): b" ".join(value.split()) for name, value in fields.items()}
    names = [n.strip().lower().encode() for n in values["h"].split(":")]
    lines = b"".join(name + b":" + fields[name] + b"\r\n" for name in names if name in fields)
    field = "; ".join(f"{name}={value}" for name, value in values.items() if value is not None) + "; b="
    signature = key(bits).sign(
        lines + b"dkim-signature:" + field.encode(), padding.PKCS1v15(), hashes.SHA256()
    )  # fmt: skip
    return b"DKIM-Signature: " + field.encode() + base64.b64encode(signature) + b"\r\n" + mail
