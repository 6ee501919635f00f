"""`naast explain`: why a case stands as it does, in the words of the rules and the numbers that held.

Who let an ask pass or declined it is told to nobody.
"""

from __future__ import annotations

from typing import Any

import typer

from services.cli import show
from services.cli.case.cases import Case, clock_name
from services.cli.case.matches import names_in, print_searches
from services.cli.command import DAILY, command
from services.cli.desk import Desk
from services.cli.terms import term

#: What lasts longer is told in days.
_MANY_HOURS = 96


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    command(app, "explain", "naast explain c-7k3m9q2hzd", panel=DAILY)(explain)


async def explain(desk: Desk, case: Case) -> None:
    """Why support was offered, why this supporter or nobody, which clocks run, and how many conversations are left."""
    async with desk.client() as client:
        found = await client.get(f"cases/{case}/explain")
        found |= {"offer": _offer(await client.get(f"cases/{case}", lang=desk.words.lang))}
        # How a supporter was found is for the coordinator alone.
        match = await client.get(f"cases/{case}/match") if client.me["role"] == "coordinator" else None
        names = await names_in(client, match) if match and not desk.json else {}
    if desk.json:
        desk.give(found | ({"match": match} if match else {}))
        return
    _print_offer(desk, found)
    if match:
        _print_match(desk, match, names)
    _print_clocks(desk, found["clocks"])
    if found.get("conversations"):
        _print_talks(desk, found["conversations"])


def _offer(case: dict[str, Any]) -> dict[str, Any]:
    """What led to the offer, as far as the case still knows it."""
    return {name: case.get(name) for name in ("door", "event_types", "harm", "calamity", "t0", "offered_at")}


def _print_offer(desk: Desk, found: dict[str, Any]) -> None:
    words, zone, offer = desk.words, desk.zone, found["offer"]
    show.line(desk, f"{found['case']}: {words.code('state', found['state'])}", "bold")
    show.line(desk)
    show.line(desk, words("explain.offer"), "bold")
    rows = (
        ("door", term(words, "door", offer["door"])),
        ("event", words.codes("event", offer["event_types"] or ())),
        ("harm", words.code("harm", offer["harm"])),
        ("calamity", words.code("calamity", offer["calamity"])),
        ("counts_from", words.moment(offer["t0"], zone)),
        ("offered", words.moment(offer["offered_at"], zone)),
    )
    show.pairs(desk, rows)
    show.line(desk)


def _print_match(desk: Desk, match: dict[str, Any], names: dict[str, str]) -> None:
    show.line(desk, desk.words("explain.searches"), "bold")
    if not match["searches"]:
        show.indented(desk, desk.words("explain.no_search"))
    print_searches(desk, match, names)
    show.line(desk)


def _print_clocks(desk: Desk, clocks: list[dict[str, Any]]) -> None:
    words, zone = desk.words, desk.zone
    show.line(desk, words("explain.clocks"), "bold")
    if not clocks:
        show.indented(desk, words("explain.no_clocks"))
    for one in clocks:
        state = words.code("clock_state", one["state"])
        style = "bold red" if one["state"] == "missed" else ""
        show.indented(desk, words("explain.clock", clock=clock_name(words, one["clock"]), state=state), style)
        moments = {"since": words.moment(one["since"], zone), "due": words.moment(one["due_at"], zone)}
        show.indented(desk, words("explain.moments", limit=_limit(desk, one), **moments))
        _print_rule(desk, one)


def _limit(desk: Desk, clock: dict[str, Any]) -> str:
    hours = clock["limit_hours"]
    if clock.get("working_time"):
        return desk.words("explain.working", n=f"{hours:g}")
    if hours > _MANY_HOURS and hours % 24 == 0:
        return desk.words("explain.days", n=f"{hours / 24:g}")
    return desk.words("explain.hours", n=f"{hours:g}")


def _print_rule(desk: Desk, told: dict[str, Any]) -> None:
    show.indented(desk, f"{told['sentence'][desk.words.lang]} ({told['rule']})", "dim")


def _print_talks(desk: Desk, talks: dict[str, Any]) -> None:
    show.line(desk)
    show.line(desk, desk.words("explain.talks"), "bold")
    counts = {name: talks[name] for name in ("held", "allowed", "left")}
    show.indented(desk, desk.words("explain.talks_left", **counts))
    _print_rule(desk, talks)
