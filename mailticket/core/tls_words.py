"""What went wrong with TLS, and what an admin can do about it, in words."""

from __future__ import annotations

_CLOCK, _RENEW, _CA, _NAME = "clock", "renew", "ca", "name"
# OpenSSL's verify codes (x509_vfy.h).
_WHAT_TO_DO = {9: _CLOCK, 10: _RENEW, 18: _CA, 19: _CA, 20: _CA, 21: _CA, 62: _NAME, 64: _NAME}
_ADVICE = {_CLOCK: "is this machine's clock right?", _RENEW: "it has to be renewed there"}
_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "UNEXPECTED_MESSAGE"})


def certificate_told(host: str, code: int, message: str, *, ca: str, name: str) -> str:
    """`code` and `message` are OpenSSL's; `ca` and `name` are what to write where one of them is what is wrong."""
    advice = _ADVICE | {_CA: ca, _NAME: name}
    what_to_do = advice.get(_WHAT_TO_DO.get(code, ""), "it has to be mended there")
    return f"the certificate of {host} is not good: {message.rstrip('.')}; {what_to_do}"


def handshake_told(reason: str, *, no_tls: str) -> str:
    """`reason` is OpenSSL's; `no_tls` is what to say of a port where no TLS is spoken."""
    return no_tls if reason in _NO_TLS else f"TLS failed: {reason.replace('_', ' ').lower()}"
