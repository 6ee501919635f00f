"""What was measured, as tables for people and as one object for machines."""

from dataclasses import asdict
from math import inf
from statistics import median
from typing import Any

from rich.table import Table

from tests.benchmarks.cost import Cost
from tests.benchmarks.latency import Latency
from tests.benchmarks.matching import Size
from tests.benchmarks.pipeline import BIG_WINDOW, SMALL_WINDOW, Speed
from tests.benchmarks.timers import AMONG, Timers

_SHORT = "* falls short of what is wanted (docs/performance.md)"
REACH = {
    "ratio": 20.0,
    "small_ratio": 10.0,
    "one_ratio": 0.35,
    "one_p50": 30.0,
    "one_p99": 90.0,
    "at100_p50": 60.0,
    "at100_p99": 250.0,
    "taken": 19.0,
    "fires": 50_000.0,
    "flat": 0.8,
    "service": 115,
    "embedded": 130,
    "matching": 20.0,
}


def pipeline(speeds: list[Speed]) -> Table:
    columns = (f"window {SMALL_WINDOW}", "ratio", f"window {BIG_WINDOW}", "ratio")
    table = _table("Report to first clock, cases/s", "", *columns)
    for speed in speeds:
        small, big = ("1", "1") if speed is speeds[-1] else _ratios(speed, speeds[-1])
        table.add_row(speed.name, _spread(speed.small), small, _spread(speed.big), big)
    return table


def _ratios(speed: Speed, usual: Speed) -> tuple[str, str]:
    small = _judged(speed.best_small / usual.best_small, REACH["small_ratio"], ".1f")
    return small, _judged(speed.best / usual.best, REACH["ratio"], ".1f")


def cost(costs: list[Cost]) -> Table:
    """Of the last round with many cases on their way."""
    table = _table("One case", "", "messages taken", "round trips", "processor ms")
    for one in costs:
        taken = f"{sum(one.taken.values()):.1f}"
        if one.name == "naast":
            taken = _judged(sum(one.taken.values()), REACH["taken"], ".1f", most=True)
        trips = f"{sum(one.trips.values()):.2f}" if one.trips else "-"
        table.add_row(one.name, taken, trips, f"{sum(one.cpu_ms.values()):.2f}")
        for name, cpu in one.cpu_ms.items():
            shown = [f"{by[name]:.2f}" if name in by else "-" for by in (one.taken, one.trips)]
            table.add_row(f"  {name}", *shown, f"{cpu:.2f}")
    return table


def latency(found: list[Latency]) -> Table:
    table = _table("Report to first clock, ms", "", "alone p50", "alone p99", "100/s p50", "100/s p99")
    for one in found:
        own = one.name == "naast"
        names = ("one_p50", "one_p99", "at100_p50", "at100_p99")
        table.add_row(one.name, *(_or_none(getattr(one, name), REACH[name] if own else inf) for name in names))
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
    speeds: list[Speed],
    costs: list[Cost],
    latencies: list[Latency],
    found: list[Timers],
    mb: dict[str, float],
    sizes: list[Size],
) -> dict[str, Any]:
    """The figures of naast on RabbitMQ and PostgreSQL; what was not measured is not there."""
    figures: dict[str, Any] = {}
    if speeds:
        own, usual = speeds[0], speeds[-1]
        figures["pipeline"] = {"cases_per_s": round(own.best, 1), "baseline_ratio": round(own.best / usual.best, 2)}
        figures["pipeline"]["small_window_ratio"] = round(own.best_small / usual.best_small, 2)
    for one in costs[:1]:
        parts = {"taken": one.taken, "round_trips": one.trips, "cpu_ms": one.cpu_ms}
        figures["per_case"] = {part: {who: round(n, 2) for who, n in by.items()} for part, by in parts.items()}
        figures["per_case"]["taken_in_all"] = round(sum(one.taken.values()), 2)
    if latencies:
        names = ("one_p50", "one_p99", "at100_p50", "at100_p99")
        values = {name: getattr(latencies[0], name) for name in names}
        figures["latency_ms"] = {name: value and round(value, 2) for name, value in values.items()}
        figures["latency_ms"]["one_p50_ratio"] = round(latencies[0].one_p50 / latencies[-1].one_p50, 2)
    for kind in found:
        rates = {size: round(kind.rate(size)) for size in AMONG}
        figures.setdefault("timers", {})[kind.name] = {"fires_per_s": rates, "decided_per_s": round(kind.decided)}
    if mb:
        figures["memory_mb"] = {name: round(value, 1) for name, value in mb.items()}
    if sizes:
        figures["matching"] = [asdict(one) for one in sizes]
    return figures


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", caption=_SHORT, caption_justify="left")
    for number, column in enumerate(columns):
        names = number == 0 and not column
        table.add_column(column, justify="left" if names else "right", no_wrap=names, min_width=11 if names else None)
    return table


def _spread(rates: tuple[float, ...]) -> str:
    return f"{median(rates):.1f} [{min(rates):.1f}-{max(rates):.1f}]"


def _judged(value: float, wanted: float, form: str, most: bool = False) -> str:
    reached = value <= wanted if most else value >= wanted
    return f"{value:{form}}" if reached else f"{value:{form}} *"


def _or_none(value: float | None, most: float) -> str:
    return "-" if value is None else _judged(value, most, ".1f", most=True)
