"""A desk that trusts one mail server, and a mail of its agent's: what the tests of proof begin with."""

from dataclasses import replace

from letters import ANNA
from worlds import BORIS, NOW, POLICY, SUPPORT, parsed, sent

from mailticket.core.policy import Trust
from mailticket.core.types import DkimPass, RawMail

MX = "mx.acme.example"
SALES = replace(POLICY.departments[0], name="Sales", addresses=("sales@acme.example",))
TRUSTING = replace(POLICY, trust=Trust(authserv_ids=(MX,)), departments=(*POLICY.departments, SALES))
AGENT = replace(TRUSTING.agents[0], aliases=("anna.d@acme.example",))
TRUSTING = replace(TRUSTING, agents=(AGENT, BORIS))

SIGNED = DkimPass("acme.example", frozenset({"from", "to", "subject", "date", "message-id"}), True, "d1")
HERS = parsed(ANNA)
TO_ANNA = sent(1, "agent", ANNA.address)


def arrived(via: str = "lmtp", to: tuple[str, ...] = (SUPPORT,), **more) -> RawMail:
    return RawMail(b"", "x@y.example", to, via, NOW, **more)
