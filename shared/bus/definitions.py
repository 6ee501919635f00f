"""What an operator gives to RabbitMQ: accounts that may say only what is their own, and everything that stands on it.

Generated from the contracts. The account of a service may write `<service>.…` and the keys of whoever hears it, and
read its own queues; that of a reporter, a hospital or one system of it, may hand in reports under its own key and
nothing else. Nobody may make or take away anything. Pure, but for the salt of a hash.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from shared.bus import topology
from shared.bus.accounts import account_of
from shared.messages import CATALOGUE, SERVICES, Fact

#: Matches no name and no key.
_NOTHING = "^$"
#: The service that takes what hospitals hand in.
_INTAKE = "intake"


def accounts(deployment: str, reporters: Iterable[str]) -> list[str]:
    """The name of every account of a deployment, those of the services first. reporters: `<hospital>`, or
    `<hospital>.<system>`.
    """
    return [account_of(deployment, name) for name in (*SERVICES, *_reporters(reporters))]


def definitions(deployment: str, vhost: str, reporters: Iterable[str], hashes: Mapping[str, str]) -> dict[str, Any]:
    """RabbitMQ definitions, as JSON. hashes: by account, what `hashed` gave for its password."""
    keys = _reporters(reporters)
    found: dict[str, list[dict[str, Any]]] = {"permissions": [], "topic_permissions": []}
    for kind, account, rights in (*_of_services(), *_of_reporters(keys)):
        found[kind].append({"user": account_of(deployment, account), "vhost": vhost} | rights)
    users = [_user(name, hashes[name]) for name in accounts(deployment, keys.values())]
    return {"users": users, "vhosts": [{"name": vhost}], **found, **_standing(vhost)}


def hashed(password: str) -> str:
    """A password as RabbitMQ keeps it: salt and SHA-256, in base64."""
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _reporters(keys: Iterable[str]) -> dict[str, str]:
    """The last part of the name of each reporter's account, which a file can have as well, and the routing key."""
    return {f"reports-{quote(key, safe='')}": key for key in sorted(keys)}


def _user(name: str, hash: str) -> dict[str, Any]:
    return {"name": name, "password_hash": hash, "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": []}


#: (permissions or topic_permissions, last part of the account's name, what it may).
_Right = tuple[str, str, dict[str, str]]


def _of_services() -> Iterator[_Right]:
    for service in SERVICES:
        writes, reads = [topology.EVENTS.name], [service, topology.dead_queue(service)]
        if service == _INTAKE:
            writes.append(topology.WAITING.name)
            reads += [topology.REPORTS, topology.dead_queue(topology.REPORTS)]
        yield "permissions", service, {"configure": _NOTHING, "write": _one_of(writes), "read": _one_of(reads)}
        yield "topic_permissions", service, _topic(topology.EVENTS.name, _says(service))


def _says(service: str) -> str:
    """The routing keys by which this service speaks: its own, those of whoever hears it, and of whom it hears, for it
    asks them what it lacks.
    """
    facts = [kind for kind in CATALOGUE.values() if issubclass(kind, Fact)]
    others = {hearer for kind in facts if kind.publisher == service for hearer in kind.heard_by}
    others |= {kind.publisher for kind in facts if service in kind.heard_by}
    keys = map(re.escape, sorted(topology.to(other) for other in others - {service}))
    return rf"^({re.escape(service)}\..+|{'|'.join(keys)})$"


def _of_reporters(keys: Mapping[str, str]) -> Iterator[_Right]:
    for account, key in keys.items():
        yield "permissions", account, {"configure": _NOTHING, "write": _one_of([topology.REPORTS]), "read": _NOTHING}
        yield "topic_permissions", account, _topic(topology.REPORTS, _one_of([key]))


def _topic(exchange: str, write: str) -> dict[str, str]:
    return {"exchange": exchange, "write": write, "read": _NOTHING}


def _one_of(names: Iterable[str]) -> str:
    return f"^({'|'.join(map(re.escape, names))})$"


def _standing(vhost: str) -> dict[str, Any]:
    """Exchanges, queues and what hangs on what, as the services would make them."""
    lasting = {"vhost": vhost, "durable": True, "auto_delete": False}
    queues = topology.queues()
    return {
        "exchanges": [
            {"name": name, "type": str(kind.value), "internal": False, "arguments": {}} | lasting
            for name, kind in topology.EXCHANGES.items()
        ],
        "queues": [{"name": one.name, "arguments": one.arguments} | lasting for one in queues],
        "bindings": [
            {
                "source": one.exchange,
                "vhost": vhost,
                "destination": one.name,
                "destination_type": "queue",
                "routing_key": one.key,
                "arguments": {},
            }
            for one in queues
        ],
    }
