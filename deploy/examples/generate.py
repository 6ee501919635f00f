"""Makes the two example hospitals: settings, about 400 staff each, and one year of incident reports.

    python deploy/examples/generate.py            writes them
    python deploy/examples/generate.py --check    says whether they are as this script makes them

Everything is invented. The mix of professions, harm and event types is an assumption; what a year holds on purpose is
said in `Year`: repeats, amendments, withdrawals, reports that name nobody, a few that are broken, a large event in the
night, a supporter who is herself affected, and a profession whose supporters all work in one department.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hospitals import AMSTERDAM, COLUMNS, EXAMPLES, Example, make_staff, settings
from year import Year

from shared.hospital import write

ROOT = Path(__file__).parent


def files(example: Example) -> Iterator[tuple[Path, str]]:
    """Every file of an example, by its path below the examples' folder."""
    staff = make_staff(example)
    with tempfile.TemporaryDirectory() as folder:
        yield Path(example.id) / "hospital.toml", write(Path(folder), settings(example, staff)).read_text("utf-8")
    table = io.StringIO()
    writer = csv.DictWriter(table, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(staff)
    yield Path(example.id) / "staff.csv", table.getvalue()
    year = Year(example, staff, random.Random(example.seed + 1))
    year.make()
    months: dict[str, list[str]] = {}
    for at, form, line in year.lines:
        months.setdefault(f"{at.astimezone(AMSTERDAM):%Y-%m}.{form}.ndjson", []).append(line)
    for name, lines in sorted(months.items()):
        yield Path(example.id) / "feeds" / name, "\n".join(lines) + "\n"


def main() -> int:
    """Writes or checks the files. 0 when all is well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only say which files are stale")
    check = parser.parse_args().check
    stale = []
    for example in EXAMPLES:
        for path, text in files(example):
            target = ROOT / path
            if not target.exists() or target.read_text("utf-8") != text:
                stale.append(path)
            if not check:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, "utf-8")
    for path in stale if check else []:
        print(f"deploy/examples/{path} is stale: run python deploy/examples/generate.py", file=sys.stderr)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
