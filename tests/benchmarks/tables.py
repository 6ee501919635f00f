"""What was measured, as tables for people and as one object for machines."""

from dataclasses import asdict
from statistics import median
from typing import Any

from rich.table import Table

from tests.benchmarks.latency import Latency
from tests.benchmarks.matching import Size
from tests.benchmarks.pipeline import BIG_WINDOW, SMALL_WINDOW, Speed
from tests.benchmarks.timers import AMONG, Timers

_SHORT = "* falls short of what is wanted (docs/performance.md)"
REACH = {
    "ratio": 12.0,
    "one_p50": 15.0,
    "one_p99": 50.0,
    "fires": 50_000.0,
    "flat": 0.8,
    "service": 90,
    "embedded": 150,
    "matching": 20.0,
}


def pipeline(speeds: list[Speed]) -> Table:
    table = _table("Report to first clock, cases/s", "", f"window {SMALL_WINDOW}", f"window {BIG_WINDOW}", "ratio")
    usual = speeds[-1]
    for speed in speeds:
        ratio = "1" if speed is usual else _judged(speed.best / usual.best, REACH["ratio"], ".1f")
        table.add_row(speed.name, _spread(speed.small), _spread(speed.big), ratio)
    return table


def latency(found: list[Latency]) -> Table:
    table = _table("Report to first clock, ms", "", "alone p50", "alone p99", "100/s p50", "100/s p99")
    for one in found:
        own = one.name == "naast"
        p50 = _judged(one.one_p50, REACH["one_p50"], ".1f", most=True) if own else f"{one.one_p50:.1f}"
        p99 = _judged(one.one_p99, REACH["one_p99"], ".1f", most=True) if own else f"{one.one_p99:.1f}"
        table.add_row(one.name, p50, p99, _or_none(one.at100_p50), _or_none(one.at100_p99))
    return table


def timers(found: list[Timers]) -> Table:
    sizes = [f"among {size}" for size in AMONG]
    table = _table("Timers, fires/s", "", *sizes, "1e6 : 1e4", "drain of 1e6", "decided on")
    for one in found:
        rates = [_judged(one.rate(size), REACH["fires"], ",.0f") for size in AMONG]
        flat = _judged(one.rate("1e6") / one.rate("1e4"), REACH["flat"], ".2f")
        table.add_row(one.name, *rates, flat, f"{one.drained:,.0f}", f"{one.decided:,.0f}")
    return table


def memory(mb: dict[str, float]) -> Table:
    table = _table("Resident memory after load, MB", *mb)
    limits = {name: REACH["embedded" if name == "embedded" else "service"] for name in mb}
    table.add_row(*(_judged(found, limits[name], ".0f", most=True) for name, found in mb.items()))
    return table


def matching(sizes: list[Size]) -> Table:
    """`one by one`: what is reached where each colleague in turn gets the first of her row."""
    columns = ("ms", "first", "peak MB", "asked", "one by one", "scarce", "one by one")
    table = _table("One event matched as a whole, colleagues x supporters", "", *columns)
    for one in sizes:
        wanted = (one.colleagues, one.supporters) == (40, 400)
        ms = _judged(one.ms, REACH["matching"], ".1f", most=True) if wanted else f"{one.ms:.1f}"
        reached = one.served, one.greedy_served, one.scarce_served, one.scarce_greedy_served
        row = (ms, f"{one.ms_first:.0f}", f"{one.peak_mb:.0f}", *map(str, reached))
        table.add_row(f"{one.colleagues} x {one.supporters}", *row)
    return table


def as_object(
    speeds: list[Speed], latencies: list[Latency], found: list[Timers], mb: dict[str, float], sizes: list[Size]
) -> dict[str, Any]:
    """The figures of naast on RabbitMQ and PostgreSQL; what was not measured is not there."""
    figures: dict[str, Any] = {}
    if speeds:
        ratio = speeds[0].best / speeds[-1].best
        figures["pipeline"] = {"cases_per_s": round(speeds[0].best, 1), "baseline_ratio": round(ratio, 2)}
    if latencies:
        names = ("one_p50", "one_p99", "at100_p50", "at100_p99")
        values = {name: getattr(latencies[0], name) for name in names}
        figures["latency_ms"] = {name: value and round(value, 2) for name, value in values.items()}
    if found:
        figures["timers"] = {"fires_per_s": {size: round(found[0].rate(size)) for size in AMONG}}
    if mb:
        figures["memory_mb"] = {name: round(value, 1) for name, value in mb.items()}
    if sizes:
        figures["matching"] = [asdict(one) for one in sizes]
    return figures


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", caption=_SHORT, caption_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 and not column else "right")
    return table


def _spread(rates: tuple[float, ...]) -> str:
    return f"{median(rates):.1f} [{min(rates):.1f}-{max(rates):.1f}]"


def _judged(value: float, wanted: float, form: str, most: bool = False) -> str:
    reached = value <= wanted if most else value >= wanted
    return f"{value:{form}}" if reached else f"{value:{form}} *"


def _or_none(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
