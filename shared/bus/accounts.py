"""Whose accounts there are on the broker, and what it holds against a message that claims to come from a service.

The account of a service is called `<deployment>-<service>`. The broker lets such an account say only what is its own,
and sets down with each message whose account sent it. Where all services share one account, anybody who has it may say
anything: facts can be forged.
"""

from __future__ import annotations

from dataclasses import dataclass

import aio_pika
from aiormq.exceptions import ChannelAccessRefused
from yarl import URL

from shared import log
from shared.bus import topology
from shared.messages import SERVICES
from shared.metrics import Metrics
from shared.transport import is_on_this_machine

_logger = log.logger("bus.accounts")


class AnybodyMaySpeak(Exception):
    """Whoever reaches the broker may hand in reports for any hospital, and nobody said that this is meant."""


@dataclass(frozen=True, slots=True)
class Account:
    """As whom a service speaks. deployment: what the accounts of all its services begin with; empty when they share
    one.
    """

    name: str
    deployment: str

    @property
    def is_own(self) -> bool:
        return bool(self.deployment)

    def lets(self, sender: str | None, publisher: str) -> bool:
        """Whether a message from this account may hold what this publisher says."""
        return not self.is_own or sender == account_of(self.deployment, publisher)


def account_of(deployment: str, service: str) -> str:
    """The account of one service of a deployment."""
    return f"{deployment}-{service}"


def account_in(url: str, service: str) -> Account:
    """The account in the url of a broker, as this service uses it."""
    parts = URL(url)
    # A certificate says by itself who somebody is.
    name = parts.user or ("" if parts.query.get("auth") == "EXTERNAL" else "guest")
    deployment, _, last = name.rpartition("-")
    return Account(name, deployment if last == service else "")


async def may_say_anything(url: str, service: str) -> bool:
    """Whether the broker lets this account say what is another's: it tries, with empty messages that nobody hears.
    Raises OSError or AMQPError while the broker is away.
    """
    async with await aio_pika.connect(url, timeout=topology.TIMEOUT) as connection:
        for other in SERVICES:
            if other != service and await _passes(connection, topology.nobody(other)):
                return True
    return False


async def _passes(connection: aio_pika.abc.AbstractConnection, key: str) -> bool:
    channel = await connection.channel()
    exchange = await channel.get_exchange(topology.EVENTS.name, ensure=False)
    try:
        await exchange.publish(aio_pika.Message(b""), key, mandatory=False, timeout=topology.TIMEOUT)
    except ChannelAccessRefused:
        return False
    return True


class Speakers:
    """Who may speak on the broker, as far as one service can see.

    is_private: the operator says that nobody but this deployment reaches the broker; so does one on this machine.
    takes_reports: whether this service takes what hospitals hand in there.
    """

    def __init__(self, url: str, service: str, metrics: Metrics, *, is_private: bool, takes_reports: bool) -> None:
        self.account = account_in(url, service)
        self._url, self._service, self._metrics = url, service, metrics
        self._must_be_bound = takes_reports and not (is_private or is_on_this_machine(URL(url).host))

    def begin(self) -> None:
        """What can be known before the broker answers. Raises AnybodyMaySpeak."""
        if not self.account.is_own:
            self._note(True)

    async def look(self) -> None:
        """What the broker does. Raises AnybodyMaySpeak; OSError or AMQPError while it is away."""
        if self.account.is_own:
            self._note(await may_say_anything(self._url, self._service))

    def _note(self, anybody: bool) -> None:
        self._metrics.not_trusted(self._service, "facts", anybody)
        if anybody:
            _logger.warning("facts_can_be_forged", service=self._service)
            if self._must_be_bound:
                raise AnybodyMaySpeak
