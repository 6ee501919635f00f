"""`naast rules`: the protocol as a document to read and sign, with the numbers in force on a day."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.command import DAILY, command
from services.cli.desk import Desk
from services.cli.hospital.sources import source_in
from services.cli.stop import WRONG, Stop
from services.house.books import BOOKS, all_books

if TYPE_CHECKING:
    from shared.rule import Lang, Rule
    from shared.rulebook import InForce, Rulebook

On = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day of which you want to know; now, if not.")
]


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    command(app, "rules", "naast rules --lang nl --on 2026-01-01", ("hospital", "lang", "json"), panel=DAILY)(rules)


async def rules(desk: Desk, on: On = None) -> None:
    """The protocol in plain words, with the numbers in force for a hospital on a day."""
    hospital = desk.known_hospital() if desk.asked_hospital or len(desk.hospitals) == 1 else None
    day = on.date() if on else datetime.now(hospital.tz if hospital else None).date()
    chosen = dict(hospital.rules) if hospital else {}
    books = all_books()
    found = [_in_force(book, day, chosen) for book in books]
    if desk.json:
        desk.give(
            {
                "hospital": hospital.id if hospital else None,
                "on": day.isoformat(),
                "rules": [
                    _entry(book, rule, in_force, chosen)
                    for book, in_force in zip(books, found, strict=True)
                    for rule in book.rules
                ],
            }
        )
        return
    _print(desk, hospital.name if hospital else "", day, list(zip(BOOKS, books, found, strict=True)), chosen)


def _in_force(book: Rulebook, day: date, chosen: dict[str, Any]) -> InForce:
    from shared.rulebook import RulebookError

    try:
        return book.on(day, chosen)
    except RulebookError as error:
        raise Stop(f"{error}.", "Correct [rules] in hospital.toml, or ask for another day.", WRONG) from None


def _entry(book: Rulebook, rule: Rule, in_force: InForce, chosen: dict[str, Any]) -> dict[str, Any]:
    """One rule as JSON: both sentences with the numbers in force, where it comes from, and what holds now."""
    entry: dict[str, Any] = {
        "id": rule.id,
        "service": book.name.rpartition(".")[2],
        "kind": rule.kind,
        "nl": in_force.sentence(rule.id, "nl"),
        "en": in_force.sentence(rule.id, "en"),
        "source": rule.source,
        "limit": _limit(in_force, rule),
        "options": {option: {"nl": said.nl, "en": said.en} for option, said in rule.options.items()},
        "option": in_force.option(rule.id) if rule.options else None,
        "only": list(rule.only),
        "overruled_by": list(getattr(rule, "overruled_by", ())),
        "allowed": list(rule.allowed),
        "refused": list(rule.refused),
    }
    return entry | {"own_choice": rule.id in chosen}


def _limit(in_force: InForce, rule: Rule) -> int | str | None:
    """The number, or the duration as ISO 8601."""
    from datetime import timedelta

    if not rule.limit:
        return None
    limit = in_force.limit(rule.id)
    if not isinstance(limit, timedelta):
        return limit
    minutes, seconds = divmod(int(limit.total_seconds()), 60)
    days, minutes = divmod(minutes, 24 * 60)
    clock = f"T{minutes // 60}H{minutes % 60}M" if minutes or seconds else ""
    return f"P{days}D{clock}" if days or clock else "PT0M"


def _print(
    desk: Desk, name: str, day: date, books: list[tuple[str, Rulebook, InForce]], chosen: dict[str, Any]
) -> None:
    words = desk.words
    _paragraph(desk, words("rules.title") + (f" · {name}" if name else ""), "bold")
    _paragraph(desk, words("rules.in_force", day=words.day(day)))
    for number, (service, book, in_force) in enumerate(books, 1):
        _paragraph(desk)
        _paragraph(desk, f"{number}. {words(f'rules.{service}')}", "bold")
        desk.put(_chapter(desk, book, in_force, chosen), width=_width(desk))
    _paragraph(desk)
    _paragraph(desk, words("rules.signed_title"), "bold")
    _paragraph(desk, words("rules.signed"))
    for who in ("coordinator", "board"):
        _paragraph(desk)
        _paragraph(desk, f"{words(f'rules.{who}'):<23}{'_' * 26}  {words('rules.date')} {'_' * 12}")


def _chapter(desk: Desk, book: Rulebook, in_force: InForce, chosen: dict[str, Any]) -> Any:
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for rule in book.rules:
        grid.add_row(Text(f"   {rule.id}"), _said(desk, rule, in_force, rule.id in chosen))
    return grid


def _said(desk: Desk, rule: Rule, in_force: InForce, own: bool) -> Any:
    from rich.text import Text

    words = desk.words
    lang: Lang = "nl" if words.lang == "nl" else "en"
    said = Text(rule.in_language(lang) if rule.options else in_force.sentence(rule.id, lang))
    if rule.options:
        said.append(f"\n→ {in_force.sentence(rule.id, lang)}")
    if own:
        said.append(f"\n{words('rules.own_choice')}", "italic")
    return said.append(f"\n{words('rules.source')}: {source_in(words, rule.source)}", "dim")


def _paragraph(desk: Desk, text: str = "", style: str = "") -> None:
    from rich.text import Text

    desk.put(Text(text, style), width=_width(desk))


def _width(desk: Desk) -> int:
    """Lines that are read are not longer than this, however wide the terminal."""
    return min(desk.out.width, 100)
