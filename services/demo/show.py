"""How the year looks at a terminal: a table per hospital, the outside count, and a few cases as they went."""

from __future__ import annotations

from dataclasses import asdict

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from services.demo.reckoning import Figures, Reckoning

_WORDS = {
    "reports": "reports taken",
    "duplicates": "came again, changed nothing",
    "quarantined": "could not be read, kept with a reason",
    "offers": "colleagues offered support",
    "matched": "cases with a supporter",
    "match_failed": "searches that found nobody",
    "conversations": "conversations held",
    "large_events": "large events, matched in one plan",
    "extensions": "extensions by the coordinator",
    "handed_over": "handed over to professional support",
    "not_reached": "colleagues who were not reached",
    "median_hours": "hours to the first contact, median",
    "share_in_time": "contacted within 72 hours",
    "overdue": "clocks missed, told to whoever acts",
    "closed": "cases closed",
    "erased": "of these erased",
    "open": "cases open at the end",
    "lost": "lost, by outside count",
    "doubled": "doubled, by outside count",
}


def show(reckoning: Reckoning, console: Console) -> None:
    """Prints the year."""
    console.print(_figures(reckoning))
    for hospital, case, lines in reckoning.timelines:
        console.print(_timeline(hospital, case, lines))
    for hospital, differences in reckoning.differences.items():
        for what, count in differences.items():
            console.print(f"[red]{hospital}: {what} {count}[/red]")
    console.print(f"{reckoning.simulated_days} days in {reckoning.seconds:.0f} seconds.", style="dim")


def _figures(reckoning: Reckoning) -> Table:
    table = Table(title="A year beside colleagues", title_justify="left", header_style="bold")
    table.add_column("")
    for hospital in reckoning.hospitals:
        table.add_column(hospital, justify="right")
    for name, words in _WORDS.items():
        table.add_row(words, *(_figure(getattr(figures, name)) for figures in reckoning.hospitals.values()))
    for rule in sorted({rule for figures in reckoning.hospitals.values() for rule in figures.not_allowed}):
        table.add_row(f"refused by {rule}", *(_refused(figures, rule) for figures in reckoning.hospitals.values()))
    return table


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.1%}" if isinstance(value, float) and value <= 1 else str(value)


def _refused(figures: Figures, rule: str) -> str:
    return str(asdict(figures)["not_allowed"].get(rule, 0))


def _timeline(hospital: str, case: str, lines: list[tuple[str, str]]) -> RenderableType:
    told = [Text.assemble((f"{at[:16].replace('T', ' ')}  ", "cyan"), text) for at, text in lines]
    return Panel(Group(*told), title=f"{hospital} · {case}", title_align="left", border_style="dim")
