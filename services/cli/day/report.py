"""`naast report`: what came in, what waits for the coordinator, and the coordinator's word on it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from services.cli import show
from services.cli.command import an_id, command, group
from services.cli.desk import Desk
from services.cli.said import print_said
from services.cli.terms import term

Report = Annotated[str, typer.Argument(callback=an_id, help="The id of the report, such as r-7k3m9q2hzd4f.")]

app = group("Reports, and the coordinator's word on them.")


@command(app, "list", "naast report list --waiting")
async def listed(
    desk: Desk,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only what waits for you, the most urgent first.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many.")] = 200,
) -> None:
    """The reports, the latest first."""
    async with desk.client() as client:
        found = await client.get("reports", waiting="true" if waiting else None, limit=limit)
    print_reports(desk, found, desk.words("talk.no_reports"))
    show.more(desk, found, limit)


def print_reports(desk: Desk, found: dict[str, Any], empty: str) -> None:
    """Reports of a list below each other; `empty`: said for none."""
    words, zone = desk.words, desk.zone
    rows = [
        (
            one["report"],
            words.code("report", one["status"]),
            words.codes("event", one["event_types"]),
            words.brief(one["received_at"], zone),
            f"{sum(person['offered'] for person in one['people'])} / {len(one['people'])}",
            words.codes("reason", one["reasons"]),
        )
        for one in found["reports"]
    ]
    columns = ("report", "state", "event", "received", "offers", "reasons")
    show.table(desk, columns, rows, found, empty)


@command(app, "show", "naast report show r-7k3m9q2hzd4f")
async def one(desk: Desk, report: Report) -> None:
    """One report: what it says in codes, who was involved, and what you can do about it."""
    async with desk.client() as client:
        found = await client.get(f"reports/{report}")
    if desk.json:
        desk.give(found)
        return
    _print_report(desk, found)
    _print_people(desk, found["people"])
    for suggestion in _suggestions(found):
        desk.whole(f"  → {suggestion}", "cyan")


def _print_report(desk: Desk, one: dict[str, Any]) -> None:
    words, zone = desk.words, desk.zone
    show.line(desk, one["report"], "bold")
    show.pairs(
        desk,
        (
            ("state", words.code("report", one["status"])),
            ("door", term(words, "door", one.get("door", ""))),
            ("known_as", " ".join(filter(None, (one["system"], one["report_id"])))),
            ("event", words.codes("event", one["event_types"])),
            ("kind", words.code("kind", one["kind"])),
            ("harm", words.code("harm", one["harm"])),
            ("calamity", words.code("calamity", one["calamity"])),
            ("department", desk.label("departments", one["department"] or "")),
            ("received", words.moment(one["received_at"], zone)),
            ("counts_from", words.moment(one["t0"], zone)),
            ("reasons", words.codes("reason", one["reasons"])),
            ("due", words.moment(one["due_at"], zone) if one["reasons"] else ""),
        ),
    )


def _print_people(desk: Desk, people: list[dict[str, Any]]) -> None:
    words = desk.words
    rows = [
        (
            person["staff_id"] or words("report.not_listed"),
            person["name"] or "",
            words.code("part", person["role"]),
            words.code("stands", person["standing"]),
            person["case"] or "",
        )
        for person in people
    ]
    if rows:
        show.line(desk)
        show.table(desk, ("staff_id", "name", "part", "state", "case"), rows, None, "")


def _suggestions(one: dict[str, Any]) -> list[str]:
    """The commands that end what waits."""
    report, reasons = one["report"], set(one["reasons"])
    found = []
    if reasons & {"department_missing", "department_unknown"}:
        found.append(f"naast report department {report} <department>")
    if reasons & {"staff_unknown", "nobody_named", "anonymous"}:
        found.append(f"naast report involve {report} <staff number> …")
    if reasons & {"too_old", "awaits_coordinator"} and any(p["standing"] == "prepared" for p in one["people"]):
        found.append(f"naast report offer {report}")
    if one["status"] == "prepared" or reasons:
        found.append(f"naast report dismiss {report}")
    return found


@command(app, "involve", "naast report involve r-7k3m9q2hzd4f 10442 10017")
async def involve(
    desk: Desk, report: Report, staff: Annotated[list[str], typer.Argument(help="Staff numbers, as in staff.csv.")]
) -> None:
    """Say who was involved; support is offered to them."""
    await _tell(desk, f"reports/{report}/involve", {"staff_ids": staff})


@command(app, "department", "naast report department r-7k3m9q2hzd4f icu")
async def department(
    desk: Desk, report: Report, department: Annotated[str, typer.Argument(help="Its code, as in hospital.toml.")]
) -> None:
    """Say in which department it was."""
    await _tell(desk, f"reports/{report}/department", {"department": department})


@command(app, "offer", "naast report offer r-7k3m9q2hzd4f")
async def offer(desk: Desk, report: Report) -> None:
    """Offer support now to everybody whom the report names."""
    await _tell(desk, f"reports/{report}/offer")


@command(app, "dismiss", "naast report dismiss r-7k3m9q2hzd4f")
async def dismiss(desk: Desk, report: Report) -> None:
    """Put a report aside: no offer follows from it, and one that went out is taken back where that can be."""
    await _tell(desk, f"reports/{report}/dismiss")


async def _tell(desk: Desk, path: str, body: Any = None) -> None:
    async with desk.client() as client:
        said = await client.post(path, body)
    print_said(desk, said)
