"""The name of a group alone lists what there is of it, as `naast tasks` and `naast cases` do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.lines import NAAST, groups, parsed
from tests.journeys.listening import Services
from tests.journeys.terminal import Terminal

GROUPS = dict(groups())


def listing(name: str) -> str:
    """What the name alone means."""
    return {"availability": "show", "clock": "show", "broker": "definitions", "secret": "--help"}.get(name, "list")


def test_these_are_the_groups() -> None:
    assert set(GROUPS) == {
        *("hospital", "report", "task", "case", "group", "supporters", "availability", "on-call", "plan"),
        *("keys", "dead-letters", "db", "clock", "secret", "broker"),
    }


@pytest.mark.parametrize("name", sorted(GROUPS.keys() - {"secret"}))
def test_a_group_alone_means_its_listing_with_every_option_of_that(name: str) -> None:
    assert parsed(f"naast {name}") == parsed(f"naast {name} {listing(name)}")
    options = [given for option in GROUPS[name].commands[listing(name)].params for given in _typed(option)]
    assert "--json" in options
    whole = " ".join(options)
    assert parsed(f"naast {name} {whole}") == parsed(f"naast {name} {listing(name)} {whole}")


def _typed(option: Any) -> list[str]:
    """One option as somebody types it."""
    if option.is_flag or option.name == "help":
        return [] if option.name == "help" else [option.opts[0]]
    values = {"hospital": "north", "key": "x", "lang": "nl", "service": "intake", "state": "matched", "limit": "5"}
    values |= {"deployment": "naast", "vhost": "naast", "passwords": "broker", "system": "north.Vim"}
    return [option.opts[0], values[option.name]]


#: What the services answer to the listing of a group, where there is nothing yet.
NOTHING: dict[str, dict[str, list[str]]] = {
    "report": {"reports": []},
    "task": {"tasks": []},
    "case": {"cases": []},
    "group": {"reports": []},
    "supporters": {"supporters": []},
    "availability": {"availability": []},
    "on-call": {"on_call": []},
    "plan": {"plans": []},
}


@pytest.mark.parametrize("name", NOTHING)
def test_alone_it_lists_what_the_services_know_and_says_so_where_that_is_nothing(
    terminal: Terminal, services: Services, name: str
) -> None:
    [what] = NOTHING[name]
    services.answers["on-call" if name == "on-call" else what] = NOTHING[name]
    assert terminal.json(name) == NOTHING[name]
    told = terminal.ok(name)
    assert (told.out, told.talk.count("\n"), "Usage" in told.talk) == ("", 1, False)


def test_alone_it_lists_what_is_known_without_the_services(terminal: Terminal) -> None:
    terminal.ok("hospital new north --yes")
    assert [one["role"] for one in terminal.json("keys")["keys"]] == ["coordinator"]
    assert [one["id"] for one in terminal.json("hospital")["hospitals"]] == ["north"]
    assert terminal.json("dead-letters") == {"dead_letters": []}
    assert [(one["service"], one["has"] == one["newest"]) for one in terminal.json("db")] == [
        (name, True) for name in ("access", "intake", "matching", "followup", "training")
    ]
    assert "north" in terminal.ok("hospital").out


@pytest.mark.parametrize("name", ["", *GROUPS])
def test_help_is_there_as_before_and_says_what_the_name_alone_means(terminal: Terminal, name: str) -> None:
    shown = terminal.ok(f"{name} --help".strip())
    group = GROUPS.get(name, NAAST)
    assert all(f" {command} " in shown.out for command in group.commands)
    if name:
        assert f"Without a command: {listing(name)}." in shown.out
    assert not terminal.home.exists()


@pytest.mark.parametrize("name", ["", "secret"])
def test_where_there_is_nothing_to_list_the_name_alone_says_what_there_is(terminal: Terminal, name: str) -> None:
    assert terminal.ok(name).out == terminal.ok(f"{name} --help".strip()).out


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("keys nothing", "No such command 'nothing'."),
        ("keys lists", "Did you mean 'list'?"),
        ("keys --nothing", "No such option: --nothing"),
        ("keys --json list", "unexpected extra argument"),
        ("--nothing", "No such option: --nothing"),
    ],
)
def test_what_a_group_does_not_know_is_still_wrong(terminal: Terminal, line: str, says: str) -> None:
    answer = terminal(line)
    assert (answer.code, says in " ".join(answer.talk.split())) == (2, True), answer
    assert not terminal.home.exists()


def test_the_tables_are_looked_at_and_nothing_is_made(terminal: Terminal) -> None:
    assert {one["has"] for one in terminal.json("db")} == {None}
    assert not terminal.home.exists()


def test_of_teams_only_their_reports_are_listed(terminal: Terminal, services: Services) -> None:
    ward: dict[str, Any] = {"status": "offered", "event_types": [], "received_at": None, "people": [], "reasons": []}
    services.answers["reports"] = {
        "reports": [ward | {"report": f"r-{door}", "door": door} for door in ("group", "feed", "self")]
    }
    assert [one["report"] for one in terminal.json("group")["reports"]] == ["r-group"]
    assert len(terminal.json("report")["reports"]) == 3
    services.answers["reports"] = {"reports": []}
    assert "naast group call" in terminal.ok("group --lang nl").talk
