"""Each service has one row for each message that it hears, says or is told, and none for any other."""

from __future__ import annotations

from importlib import import_module

import pytest

from services.training.protocol.states import Coverage, Supporter
from shared.engine.registry import On, Registry, becomes, protocol, same
from shared.engine.world import Protocol
from shared.messages import CATALOGUE, SERVICES, Command, Fact, Letter, Message, intake, training
from shared.testing import heard
from tests.rules.samples import samples

DOMAINS = {name: import_module(f"services.{name}.protocol.domain") for name in SERVICES}
PROTOCOLS: dict[str, Protocol] = {name: domain.PROTOCOL for name, domain in DOMAINS.items()}
TABLES: dict[str, Registry] = {name: domain.ON for name, domain in DOMAINS.items()}
ROWS = [(name, message) for name, table in TABLES.items() for message in table]


def concerns(service: str, message: type[Message]) -> bool:
    """Whether a service hears, says or is told such a message; a letter leaves, and nobody is told it."""
    if message.publisher == service:
        return not issubclass(message, Letter)
    return issubclass(message, Fact) and service in message.heard_by


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_service_hears_says_or_is_told_has_a_row_and_nothing_else_has_one(service: str) -> None:
    assert set(TABLES[service]) == {one for one in CATALOGUE.values() if concerns(service, one)}


@pytest.mark.parametrize(("service", "message"), ROWS, ids=str)
def test_a_row_concerns_a_state_or_answers_something(service: str, message: type[Message]) -> None:
    states, decide = TABLES[service][message]
    assert states or decide is not On({}).decide


@pytest.mark.parametrize(("service", "message"), ROWS, ids=str)
def test_a_command_changes_nothing_before_it_is_decided(service: str, message: type[Message]) -> None:
    if issubclass(message, Command):
        assert set(TABLES[service][message].states.values()) == {same}


@pytest.mark.parametrize(("service", "message"), ROWS, ids=str)
def test_the_first_that_a_fact_of_its_own_concerns_is_its_subject(service: str, message: type[Message]) -> None:
    if issubclass(message, Fact) and message.publisher == service:
        touched = [(fact.subject, [id for _, id in PROTOCOLS[service].touches(fact)]) for fact in samples(message)]
        assert {ids[0] == subject for subject, ids in touched if ids} == {True}


def test_a_row_for_a_state_that_the_message_does_not_name_is_a_mistake() -> None:
    wrong: Registry = {intake.StaffLeft: On({Supporter: becomes(left=True), Coverage: same})}
    with pytest.raises(LookupError, match=r"naast\.intake\.staff_left\.v1 names nothing of \('profession',\)"):
        protocol("training", {Supporter: ("staff",), Coverage: ("profession",)}, wrong)


def test_whoever_is_only_named_is_not_taken_for_the_subject() -> None:
    table: Registry = {training.Nominate: On({Supporter: same}), training.SupporterNominated: On({Supporter: same})}
    touches = protocol("training", {Supporter: ("staff",)}, table).touches
    nomination = training.Nominate(supporter="s-1", nominator="s-2", by="s-3", by_role="supporter")
    assert list(touches(heard(nomination))) == [(Supporter, "s-1")]
