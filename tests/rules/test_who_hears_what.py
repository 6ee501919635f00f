"""Each fact names its hearers, and these are exactly the services that do something with it."""

from __future__ import annotations

from importlib import import_module

import pytest

from services.followup.protocol.timeline import cases_of
from shared.messages import CATALOGUE, SERVICES, Event, Fact
from shared.testing import Story
from tests.rules.samples import samples

FACTS = [kind for kind in CATALOGUE.values() if issubclass(kind, Fact)]
PROTOCOLS = {name: import_module(f"services.{name}.protocol.domain").PROTOCOL for name in SERVICES}


def uses(service: str, event: Event) -> bool:
    """Whether the service remembers something of it, tells it in a timeline, or says something in answer."""
    touched = any(PROTOCOLS[service].touches(event)) or (service == "followup" and cases_of(event) != ())
    return touched or Story(PROTOCOLS[service]).when(event.data) != []


@pytest.mark.parametrize("kind", FACTS, ids=lambda kind: kind.type)
def test_a_fact_is_heard_by_those_who_do_something_with_it_and_by_nobody_else(kind: type[Fact]) -> None:
    others = [name for name in SERVICES if name != kind.publisher]
    assert [name for name in sorted(others) if any(uses(name, event) for event in samples(kind))] == list(kind.heard_by)
