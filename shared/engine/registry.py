"""What each message means to a service, in one row: which states it concerns, what becomes of each, and what is said in
answer. Pure.

Which states these are follows from the refs in the message: its subject, or else whatever it names of that kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from shared.engine.world import Protocol, S, Said, State, World
from shared.messages import Command, Event, Message, kind_of
from shared.messages.refs import Kind

#: A state after a message that happened at a moment.
Evolve = Callable[[Any, Any, datetime], Any]
#: What is said in answer to a message.
Decide = Callable[[World, Any], Iterable[Said]]


def same(state: S, _: object, __: datetime) -> S:
    """The message concerns the state and leaves it as it is."""
    return state


def becomes(**changes: Any) -> Callable[[S, object, datetime], S]:
    """The state with these fields changed, whatever the message says."""

    def evolve(state: S, _: object, __: datetime) -> S:
        return state.but(**changes)

    return evolve


def nothing(_: World, __: Message) -> Iterable[Said]:
    return ()


#: The kinds of states that a message concerns, with what each becomes; its subject's comes first.
States = Mapping[type[State], Evolve]


class On(NamedTuple):
    """What a message means: the states that it concerns, and what is said in answer."""

    states: States
    decide: Decide = nothing


#: Each message that a service hears, says or is told.
Registry = Mapping[type[Message], On]


class OfNoKind(ValueError):
    """A message is about something that is neither a case nor anything else that is known."""


def protocol(
    name: str, kinds: Mapping[type[State], tuple[Kind, ...]], on: Registry, pooled: type[State] | None = None
) -> Protocol:
    """The functions of a service, from its rows. `kinds`: its states, and by refs of which kinds each is known."""
    homes = {message: [(kind, _reading(message, kinds[kind])) for kind in row.states] for message, row in on.items()}
    # What a person types may be about anything, and is answered as about something unknown.
    mixed = {message for message in on if len(_about(message)) > 1 and not issubclass(message, Command)}

    def touches(event: Event) -> Iterable[tuple[type[State], str]]:
        message = event.data
        return [(kind, id) for kind, named in homes.get(type(message), ()) for id in named(message)]

    def evolve(state: State, event: Event) -> State:
        after: State = on[type(event.data)].states[type(state)](state, event.data, event.time)
        return after

    def decide(world: World, event: Event) -> Iterable[Said]:
        message = type(event.data)
        if message in mixed and kind_of(event.subject) is None:
            raise OfNoKind
        return on[message].decide(world, event.data) if message in on else ()

    return Protocol(name, tuple(kinds), touches, evolve, decide, pooled)


def _about(message: type[Message]) -> tuple[Kind, ...]:
    """What the subject of such a message may be."""
    return next(place.kinds for place in message.refs if place.path == (message.about,))


def _reading(message: type[Message], kinds: tuple[Kind, ...]) -> Callable[[Any], Iterable[str]]:
    """How refs of these kinds are read from such a message. Raises LookupError where it can hold none."""
    about = _about(message)
    if set(about) <= set(kinds):
        return lambda one: (one.subject,)
    if set(about) & set(kinds):
        return lambda one: (one.subject,) if kind_of(one.subject) in kinds else ()
    named = [place for place in message.refs if set(place.kinds) <= set(kinds)]
    if not named:
        raise LookupError(f"{message.type} names nothing of {kinds}")
    return lambda one: [ref for place in named for ref in place.read(one)]
