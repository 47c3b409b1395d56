"""Which mails have their DKIM signatures checked, and with what keys: those alone that it may help."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from .core import proof
from .core.classify import classify
from .core.dkim_check import wanted
from .core.policy import Policy
from .core.types import DkimPass, ParsedMail, RawMail
from .dns import Resolver
from .reading import ReadError

log = logging.getLogger(__name__)


class Verifier(Protocol):
    def verify(self, raw: bytes, records: Mapping[str, bytes], at: datetime) -> tuple[DkimPass, ...]: ...


def dkim_of(
    mail: ParsedMail, raw: RawMail, policy: Policy, resolver: Resolver, reader: Verifier
) -> tuple[DkimPass, ...]:
    """The good signatures of a mail from an agent's address that nothing else has proved; of one that a person has let
    in, too, which is read as it was when it was held. A check that fails proves nothing, and is no reason to hold the
    mail up: then its agent is asked."""
    if not _may_help(mail, raw, policy):
        return ()
    records = resolver.records(wanted(mail))
    if not records:
        return ()
    try:
        return reader.verify(raw.raw, records, raw.received_at)
    except ReadError as error:
        log.warning("the DKIM signatures of a mail could not be checked: %s", error)
        return ()


def _may_help(mail: ParsedMail, raw: RawMail, policy: Policy) -> bool:
    """Is it an agent's by its From, and could a signature prove it? So that strangers cannot make us ask DNS."""
    is_agents = mail.from_ is not None and mail.from_count == 1 and policy.agent_of(mail.from_.address) is not None
    if not is_agents or raw.auth:
        return False
    if not proof.fresh(mail, raw) or not proof.names_department(mail, raw, policy, ("to", "cc")):
        return False
    if classify(mail, raw.envelope_from, policy).kind in proof.PROVES_NOTHING:
        return False
    return not proof.sender_proved(mail, raw, policy) and not proof.refused_by_relay(mail, raw, policy)
