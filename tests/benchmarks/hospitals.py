"""The hospitals of the benchmark: folders as any other, with supporters enough, and reports that go out at once.

There are several, because one deployment serves many and cases of one hospital compete for its supporters.
"""

import csv
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

HOSPITALS, SUPPORTERS, COLLEAGUES = 12, 40, 60
PROFESSIONS, DEPARTMENTS = ("nurse", "physician"), ("emergency", "icu", "surgery", "maternity")
SECRET = "a secret of the benchmark, long enough"
_COLUMNS = (
    "staff_id,name,function,profession,department,site,manager,languages,mail,phone,channel,active,supporter,"
    "trained_on,intervisie_on"
).split(",")
#: Never quiet, so that it makes no difference at what time of the day one measures; no answers, so that no mail leaves.
#: No supporter is ever full, so that a long run asks the same question as a short one.
_TOML = """
id = "{id}"
name = "{id}"
timezone = "UTC"
country = "NL"
languages = ["en"]
coordinators = ["1"]
rules = {{ "MATCH-5" = 100000 }}
[working_hours]
monday = "08:00-17:00"
[professions]
nurse = {{en = "nurse"}}
physician = {{en = "physician"}}
[departments]
emergency = {{en = "emergency"}}
icu = {{en = "intensive care"}}
surgery = {{en = "surgery"}}
maternity = {{en = "maternity"}}
"""

IDS = tuple(f"bench{n}" for n in range(1, HOSPITALS + 1))


@dataclass(frozen=True)
class Somebody:
    """A row of the staff list."""

    number: str
    profession: str
    department: str
    supporter: bool


def everybody() -> list[Somebody]:
    """The same staff in every hospital: supporters first, of each profession and department as many as of any other."""
    kinds = list(product(PROFESSIONS, DEPARTMENTS))
    return [Somebody(str(n + 1), *kinds[n % len(kinds)], n < SUPPORTERS) for n in range(SUPPORTERS + COLLEAGUES)]


def write_folders(root: Path) -> None:
    """One folder per hospital."""
    for id in IDS:
        (root / id).mkdir(parents=True)
        (root / id / "hospital.toml").write_text(_TOML.format(id=id))


def staff_list() -> bytes:
    """The staff list of any of these hospitals, as CSV."""
    today, text = datetime.now(UTC).date().isoformat(), io.StringIO()
    rows = csv.DictWriter(text, _COLUMNS)
    rows.writeheader()
    for one in everybody():
        trained = today if one.supporter else ""
        rows.writerow(
            {
                "staff_id": one.number,
                "name": f"Somebody {one.number}",
                "profession": one.profession,
                "department": one.department,
                "languages": "en",
                "mail": f"s{one.number}@bench.example",
                "phone": f"+31 6 5555 {one.number:0>4}",
                "channel": "mail",
                "active": "yes",
                "supporter": "yes" if one.supporter else "no",
                "trained_on": trained,
                "intervisie_on": trained,
            }
        )
    return text.getvalue().encode()


def report(number: int, run: str) -> tuple[str, str, dict[str, object]]:
    """The n-th report of a run, about one colleague and a calamity: its hospital, its own id, the canonical event."""
    hospital, id = IDS[number % HOSPITALS], f"{run}-{number}"
    colleague = str(SUPPORTERS + 1 + number // HOSPITALS % COLLEAGUES)
    now = datetime.now(UTC).isoformat()
    data: dict[str, object] = {
        "hospital_id": hospital,
        "source": {"system": "bench", "report_id": id, "revision": "1", "mapping": "bench@1"},
        "occurred_at": {"value": now, "precision": "minute"},
        "reported_at": now,
        "status": "new",
        "kind": "actual",
        "event_types": ["medication"],
        "harm": "severe",
        "calamity": "yes",
        "department": "icu",
        "staff": [{"ref": colleague, "role": "involved"}],
        "support_wish": "default",
        "anonymous": False,
        "language": "en",
    }
    event: dict[str, object] = {
        "specversion": "1.0",
        "id": id,
        "type": "nl.peersupport.incident.reported.v1",
        "source": "urn:bench",
        "time": now,
        "hospitalid": hospital,
        "data": data,
    }
    return hospital, id, event


def as_json(event: dict[str, object]) -> bytes:
    return json.dumps(event).encode()
