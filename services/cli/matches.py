"""`naast asks` and `naast case match`: who is asked, and why this one or nobody, in the words of the rules."""

from __future__ import annotations

from typing import Any

import typer

from services.cli import show
from services.cli.cases import Case
from services.cli.command import DAILY, command
from services.cli.desk import Desk


def add_to(app: typer.Typer, case_app: typer.Typer) -> None:
    """Adds the commands."""
    command(app, "asks", "naast asks", panel=DAILY)(asks)
    command(case_app, "match", "naast case match c-7k3m9q2hzd")(match)


async def asks(desk: Desk) -> None:
    """The asks that are open: yours, or for a coordinator all of them; the first to be answered first."""
    from services.cli.names import look_up

    async with desk.client() as client:
        found = await client.get("asks")
        names = {} if desk.json else await look_up(client, [one["supporter"] for one in found["asks"]])
    words, zone = desk.words, desk.zone
    rows = [
        (one["case"], names.get(one["supporter"], one["supporter"]), words.brief(one["answer_by"], zone))
        for one in found["asks"]
    ]
    show.table(desk, ("case", "supporter", "answer_by"), rows, found, words("talk.no_asks"))


async def match(desk: Desk, case: Case) -> None:
    """Who was asked for a case and why, and which rule removed how many."""
    from services.cli.names import look_up

    async with desk.client() as client:
        found = await client.get(f"cases/{case}/match")
        asked = [search.get("supporter") for search in found["searches"]]
        names = {} if desk.json else await look_up(client, asked)
    if desk.json:
        desk.give(found)
        return
    for search in found["searches"]:
        _print_search(desk, search, names)


def _print_search(desk: Desk, search: dict[str, Any], names: dict[str, str]) -> None:
    words = desk.words
    show.line(desk, words.moment(search["at"], desk.zone), "bold")
    if search["outcome"] == "nobody":
        show.indented(desk, words("match.nobody", pool=search["pool"]))
    else:
        who = names.get(search["supporter"], search["supporter"]) or words("match.somebody")
        counts = {name: search[name] for name in ("open_cases", "eligible", "pool")}
        show.indented(desk, words("match.asked", supporter=who, **counts))
        if search["answer"]:
            show.indented(desk, words("match.answered", answer=words.code("answer", search["answer"])))
        show.indented(desk, f"{search['first_by']['sentence'][words.lang]} ({search['first_by']['rule']})", "dim")
    for reason in search["removed"]:
        sentence = reason["sentence"][words.lang]
        show.indented(desk, words("match.removed", rule=reason["rule"], n=reason["count"], sentence=sentence), "dim")
    for advice in search.get("helps", ()):
        show.indented(desk, words("match.helps", sentence=advice[words.lang]))
