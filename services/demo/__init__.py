"""A simulated year in the two example hospitals, on the real services: what `naast demo` shows.

The services run embedded on SQLite under a simulated clock. The hospitals' systems send the reports of the example
feeds; simulated people act on the letters that they receive, and on nothing else. What was lost or doubled is counted
outside the product.
"""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from services.demo.run import EXAMPLES, DemoOptions, live_a_year
from services.demo.show import show


async def run_demo(seed: int = 1, as_json: bool = False, keep: Path | None = None) -> int:
    """Runs the year with its progress on stderr, and prints it. 1 when the outside count found a difference."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        year = progress.add_task("a year in two hospitals", total=1.0)
        reckoning = await live_a_year(DemoOptions(seed, keep, lambda share: progress.update(year, completed=share)))
    if as_json:
        print(json.dumps(reckoning.as_json()))
    else:
        show(reckoning, Console())
        if keep is not None:
            command = f"NAAST_HOME={keep} NAAST_HOSPITALS={EXAMPLES} ./dev naast cases -H {min(reckoning.hospitals)}"
            Console(stderr=True).print(f"The year is in {keep}. Look around: {command}", soft_wrap=True)
    total = reckoning.as_json()
    return 1 if total["lost"] or total["doubled"] else 0
