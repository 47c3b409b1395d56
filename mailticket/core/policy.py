"""The desk's rules as the admin wrote them, as plain values: what config makes and the rules read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from ipaddress import IPv4Network, IPv6Network
from zoneinfo import ZoneInfo

from .keys import address_key
from .types import Address

PRIORITIES = ("low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """Promises of one priority, in the department's business time; None where nothing is promised."""

    first_response: timedelta | None = None
    resolution: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """When a department works. `week` has, for Monday (0) to Sunday (6), (from, to) pairs in local time,
    sorted and not overlapping; a `to` of 00:00 is the day's end. `text` is how the admin wrote it."""

    week: tuple[tuple[tuple[time, time], ...], ...]
    text: str


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` within any `window`."""

    count: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class Budgets:
    """For automatic answers to customers and strangers; () for no limit."""

    per_address: tuple[Limit, ...] = (Limit(5, timedelta(hours=1)), Limit(12, timedelta(days=1)))
    per_domain: tuple[Limit, ...] = (Limit(200, timedelta(hours=1)),)
    identical: tuple[Limit, ...] = (Limit(3, timedelta(days=1)),)
    total: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose word counts. `authserv_ids` in lower case, and in mail from one of the `mailboxes` its own instead; `forms`
    are address keys; `relays` the networks, and `unix` whether unix sockets, of peers whose Authentication-Results and
    spam headers count. `reply_proves_all`: no command needs more proof than a reply."""

    authserv_ids: tuple[str, ...] = ()
    mailboxes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    forms: frozenset[str] = frozenset()
    relays: tuple[IPv4Network | IPv6Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1"))
    unix: bool = True
    reply_proves_all: bool = False


@dataclass(frozen=True, slots=True)
class Department:
    name: str
    addresses: tuple[str, ...]  # the first one is the From of what it sends
    assign: tuple[str, ...]  # strategies, the next where one names nobody
    hours: Hours
    zone: ZoneInfo
    holidays: frozenset[date]  # the days off, computed for the years around now
    service_levels: Mapping[str, ServiceLevel] = field(default_factory=dict)
    reopen_after: timedelta = timedelta(days=14)
    hide_agents: bool = False
    signature: str = ""  # below its agents' answers, "" for none

    @property
    def sender(self) -> Address:
        return Address(self.addresses[0], self.name)


@dataclass(frozen=True, slots=True)
class Agent:
    name: str
    address: str
    aliases: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()  # their names; never empty
    languages: tuple[str, ...] = ()
    tier: int = 1
    role: str = "agent"
    receipts: str = "all"
    signature: str = ""  # instead of the department's

    @property
    def as_address(self) -> Address:
        return Address(self.address, self.name)

    @property
    def own(self) -> tuple[str, ...]:
        """The agent's own addresses."""
        return (self.address, *self.aliases)

    @property
    def keys(self) -> frozenset[str]:
        """Every spelling of this agent's own addresses."""
        return frozenset(address_key(a) for a in self.own)


@dataclass(frozen=True)
class Policy:
    """The whole desk. `secrets` are the keys of the signed references: the first signs, all verify."""

    name: str
    tag_prefix: str
    zone: ZoneInfo
    default_language: str
    secrets: tuple[bytes, ...] = field(repr=False)
    plus_addresses: bool
    send_delay: timedelta
    hostname: str  # right of the @ in our Message-IDs
    departments: tuple[Department, ...]
    agents: tuple[Agent, ...]
    trust: Trust = Trust()
    budgets: Budgets = Budgets()
    max_size: int = 20 * 10**6  # octets of a mail that we send
    keep_raw: timedelta | None = None  # how long raw mail is kept, None for ever

    @property
    def managers(self) -> tuple[Agent, ...]:
        """Who sees everything and gets the reports: the first agent where the config names no manager."""
        return tuple(a for a in self.agents if a.role == "manager") or self.agents[:1]

    @property
    def languages(self) -> tuple[str, ...]:
        """What the desk speaks, its own language first."""
        spoken = (self.default_language, *(language for agent in self.agents for language in agent.languages))
        return tuple(dict.fromkeys(s for s in spoken if s[:1].isalpha() and s.replace("-", "").isalnum()))

    def department(self, name: str) -> Department:
        """By its name; the first where the config no longer has that one."""
        return next((d for d in self.departments if d.name == name), self.departments[0])

    def department_of(self, address: str) -> Department | None:
        """Whose address this is, with or without `+…` in its local part; None for anybody else's."""
        wanted = plain(address)
        return next((d for d in self.departments if wanted in {address_key(a) for a in d.addresses}), None)

    def agent_of(self, address: str) -> Agent | None:
        wanted = address_key(address)
        return next((a for a in self.agents if wanted in a.keys), None)

    def home_of(self, agent: Agent) -> Department:
        """Whose zone an agent's days are counted in."""
        return self.department(agent.departments[0] if agent.departments else "")

    def agents_of(self, department: str) -> tuple[Agent, ...]:
        return tuple(a for a in self.agents if department in a.departments)


def plain(address: str) -> str:
    """An address' key without its `+…` part."""
    local, _, domain = address_key(address).rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def plus(address: str) -> str:
    """What stands behind the first `+` of an address' local part, as in its key; "" for nothing."""
    return address_key(address).rpartition("@")[0].partition("+")[2]
