"""`naast asks` and `naast case match`: who is asked, and why this one or nobody, in the words of the rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import typer

from services.cli import show
from services.cli.case.cases import Case
from services.cli.command import DAILY, command
from services.cli.desk import Desk
from services.cli.terms import term

if TYPE_CHECKING:
    from services.cli.client import Client


def add_to(app: typer.Typer, case_app: typer.Typer) -> None:
    """Adds the commands."""
    command(app, "asks", "naast asks", panel=DAILY)(asks)
    command(case_app, "match", "naast case match c-7k3m9q2hzd")(match)


async def asks(desk: Desk) -> None:
    """The asks that are open: yours, or for a coordinator all of them; the first to be answered first."""
    from services.cli.names import look_up

    async with desk.client() as client:
        found = await client.whole("asks", "asks")
        names = {} if desk.json else await look_up(client, [one["supporter"] for one in found["asks"]])
    words, zone = desk.words, desk.zone
    rows = [
        (
            one["case"],
            names.get(one["supporter"], one["supporter"]),
            words.brief(one["answer_by"], zone),
            words("ask_open.urgent") if one.get("urgent") else "",
        )
        for one in found["asks"]
    ]
    show.table(desk, ("case", "supporter", "answer_by", "urgent"), rows, found, words("talk.no_asks"))


async def match(desk: Desk, case: Case) -> None:
    """Who was asked for a case and why, and which rule removed how many."""
    async with desk.client() as client:
        found = await client.get(f"cases/{case}/match")
        names = {} if desk.json else await names_in(client, found)
    if desk.json:
        desk.give(found)
    else:
        print_searches(desk, found, names)


async def names_in(client: Client, found: dict[str, Any]) -> dict[str, str]:
    """The names of the supporters that a match tells; of an ask that led to nothing it tells nobody."""
    from services.cli.names import look_up

    return await look_up(client, [search.get("supporter") for search in found["searches"]])


def print_searches(desk: Desk, found: dict[str, Any], names: dict[str, str]) -> None:
    """Each search of a case, the oldest first."""
    for search in found["searches"]:
        show.line(desk, desk.words.moment(search["at"], desk.zone), "bold")
        if search["outcome"] == "nobody":
            show.indented(desk, desk.words("match.nobody", pool=search["pool"]))
        else:
            _print_asked(desk, search, names)
        _print_removed(desk, search)


def _print_asked(desk: Desk, search: dict[str, Any], names: dict[str, str]) -> None:
    """Why this one, and what became of it."""
    words = desk.words
    who = names.get(search["supporter"] or "", search["supporter"]) or words("match.somebody")
    counts = {name: search[name] for name in ("open_cases", "eligible", "pool")}
    show.indented(desk, words("match.asked", supporter=who, **counts))
    for more in ("recent", "misses"):
        # Of an ask that led to nothing no more is told than is needed.
        if search["supporter"] and search.get(more):
            show.indented(desk, words(f"match.{more}", **{more: search[more]}))
    if search.get("kind", "normal") != "normal":
        show.indented(desk, words("match.kind", kind=term(words, "ask_kind", search["kind"])))
    if search.get("reason"):
        show.indented(desk, words("match.reason", reason=words.code("pick_reason", search["reason"])))
    if search["answer"]:
        show.indented(desk, words("match.answered", answer=words.code("answer", search["answer"])))
    _print_rule(desk, search["first_by"])
    for rule in search.get("overruled", ()):
        sentence = rule["sentence"][words.lang]
        show.indented(desk, words("match.overruled", rule=rule["rule"], sentence=sentence), "dim")


def _print_rule(desk: Desk, rule: dict[str, Any]) -> None:
    show.indented(desk, f"{rule['sentence'][desk.words.lang]} ({rule['rule']})", "dim")


def _print_removed(desk: Desk, search: dict[str, Any]) -> None:
    """Which rule removed how many, and what would help."""
    words = desk.words
    for reason in search["removed"]:
        sentence = reason["sentence"][words.lang]
        show.indented(desk, words("match.removed", rule=reason["rule"], n=reason["count"], sentence=sentence), "dim")
    print_helps(desk, search.get("helps", ()))


def print_helps(desk: Desk, helps: Iterable[dict[str, str]]) -> None:
    """What would help where nobody can be asked."""
    for advice in helps:
        show.indented(desk, desk.words("match.helps", sentence=advice[desk.words.lang]))
