"""What travels in the clear: servers beyond this machine that would be spoken to without encryption. Pure.

A network of containers that nobody else reaches may be let off, by a setting that says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from shared.settings import Settings

#: What asyncpg takes for `ssl`, when it then never goes on without.
_ENCRYPTED = ("require", "verify-ca", "verify-full")


class Clear(NamedTuple):
    """A server that would be spoken to in the clear. `setting`: which names it; `do`: what to do about it."""

    setting: str
    says: str
    do: str


def is_on_this_machine(host: str | None) -> bool:
    """Whether this host is the loopback; no host, or the folder of a socket, is this machine as well."""
    if not host or host == "localhost" or host.startswith("/"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def mail_must_be_encrypted(settings: Settings) -> bool:
    """Whether no letter may leave over a line that the mail server does not encrypt."""
    if settings.smtp_url is None or settings.private_network:
        return False
    return not is_on_this_machine(urlsplit(settings.smtp_url.get_secret_value()).hostname)


def broker_in_the_clear(settings: Settings) -> Clear | None:
    """None where the broker is on this machine, or asked for its certificate."""
    if settings.amqp_url is None or settings.private_network:
        return None
    parts = urlsplit(settings.amqp_url.get_secret_value())
    unverified = parse_qs(parts.query).get("no_verify_ssl", ["0"])[-1] != "0"
    if is_on_this_machine(parts.hostname) or (parts.scheme == "amqps" and not unverified):
        return None
    return _clear("NAAST_AMQP_URL", "the broker", "amqps://…, without no_verify_ssl")


def database_in_the_clear(settings: Settings) -> Clear | None:
    """None where the database is on this machine, or never spoken to without encryption."""
    if settings.database_url is None or settings.private_network:
        return None
    parts = urlsplit(settings.database_url.get_secret_value())
    given = parse_qs(parts.query)
    if all(is_on_this_machine(host) for host in _hosts(parts.netloc, given.get("host", []))):
        return None
    if given.get("ssl", [""])[-1] in _ENCRYPTED:
        return None
    return _clear("NAAST_DATABASE_URL", "the database", "?ssl=verify-full")


def _hosts(netloc: str, more: list[str]) -> Iterator[str]:
    """Every host that a url of a database names."""
    own = urlsplit(f"//{netloc}").hostname
    if own or not more:
        yield own or ""
    for host in more:
        # An address with colons stands between brackets, and a port may follow either.
        yield host.partition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]


def _clear(setting: str, server: str, way: str) -> Clear:
    says = f"{setting} would speak to {server} beyond this machine without encryption"
    return Clear(setting, says, f"Use {way}; on a network that nobody else reaches, set NAAST_PRIVATE_NETWORK=true.")
