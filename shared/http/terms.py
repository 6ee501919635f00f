"""What a route says of itself, for the gate: who may use it, where its key is, and how much may be sent.

Whatever says nothing lets nobody in; a route of the house that says nothing cannot be made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

from shared.messages import Role
from shared.rulebook import Rulebook

#: Bytes of a body where its route does not say more.
SMALL = 64 * 1024
EVERY_ROLE: frozenset[Role] = frozenset(get_args(Role))
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Terms:
    """What a route says of itself. key: where it is, "header" or, of a link, "path"; empty where none is needed. most:
    bytes of a body. always: it is answered however much else is asked. roles: who may use it. link: whether a link may.
    everywhere: only a key of the whole deployment may. rules: the rules that reserve it to these roles, and that tell
    everybody else why not; without, the gate does.
    """

    key: str = "header"
    most: int = SMALL
    always: bool = False
    roles: frozenset[Role] = frozenset()
    link: bool = False
    everywhere: bool = False
    rules: tuple[str, ...] = ()


def open_to_all(endpoint: Endpoint) -> Endpoint:
    """Marks a route that needs no key."""
    return _mark(endpoint, Terms(key=""))


def open_always(endpoint: Endpoint) -> Endpoint:
    """Marks a route that needs no key and has no budget: whether the house is well."""
    return _mark(endpoint, Terms(key="", always=True))


def by_link(endpoint: Endpoint) -> Endpoint:
    """Marks a route whose path holds a link's token. Of whoever has no good one nothing is read; a page tells her."""
    return _mark(endpoint, Terms(key="path"))


def lets(
    *roles: Role, link: bool = False, everywhere: bool = False, most: int = SMALL
) -> Callable[[Endpoint], Endpoint]:
    """Marks a route that these roles may use. link: a link of one of them as well. everywhere: of the whole deployment
    alone. most: bytes of a body.
    """
    terms = Terms(most=most, roles=frozenset(roles), link=link, everywhere=everywhere)
    return lambda endpoint: _mark(endpoint, terms)


def by_rule(rules: Rulebook, *ids: str, link: bool = False) -> Callable[[Endpoint], Endpoint]:
    """Marks a route for whomever the protocol lets: the rules with these ids name the roles, and refuse the others."""
    words = {word.removeprefix("own ") for id in ids for word in rules.rule(id).only}
    roles = frozenset(role for role in EVERY_ROLE if role in words)
    return lambda endpoint: _mark(endpoint, Terms(roles=roles, link=link, rules=ids))


def must_say(path: str, endpoint: Callable[..., Any]) -> None:
    """Raises TypeError for a route that does not say who may use it, or opens more to a link than its own case."""
    terms = getattr(endpoint, "terms", None)
    if terms is None:
        raise TypeError(f"{path} does not say who may use it: lets, by_rule, open_to_all or by_link")
    if not (terms.roles or terms.key != "header"):
        raise TypeError(f"{path} lets nobody in")
    if terms.link and "{hospital}" in path and "{case}" not in path:
        raise TypeError(f"{path} lets a link in and names no case: a link opens its own case and nothing else")


def _mark(endpoint: Endpoint, terms: Terms) -> Endpoint:
    endpoint.terms = terms  # type: ignore[attr-defined]
    return endpoint
