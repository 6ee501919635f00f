"""One hospital that never sleeps: whoever is asked lets it pass at once, so that every case meets every supporter."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HOSPITAL, SECRET = "ward", "a secret of the tests, long enough"
COLLEAGUES, SUPPORTERS = ("11", "12"), ("21", "22", "23")
#: No quiet hours, and no time to answer or to be assigned: every timer is due when it is set.
_SETTINGS = """
id = "ward"
name = "Ward"
timezone = "UTC"
country = "NL"
languages = ["en"]
coordinators = ["1"]
[rules]
"MATCH-5" = 100000
"MATCH-8" = "0 minutes"
"FOLLOW-9" = "0 minutes"
[working_hours]
monday = "08:00-17:00"
[professions]
nurse = {en = "nurse"}
[departments]
icu = {en = "intensive care"}
surgery = {en = "surgery"}
[answers]
confidentiality = "yes, agreed on 2026-01-05"
sharing = "yes, agreed on 2026-01-05"
handover = "yes, agreed on 2026-01-05"
position = "yes, agreed on 2026-01-05"
"""
_COLUMNS = (
    "staff_id,name,function,profession,department,site,manager,languages,mail,phone,channel,active,supporter,"
    "trained_on,intervisie_on"
).split(",")


def write_folder(root: Path) -> None:
    (root / HOSPITAL).mkdir(parents=True)
    (root / HOSPITAL / "hospital.toml").write_text(_SETTINGS)


def mail_of(number: str) -> str:
    return f"n{number}@ward.example"


def staff_list(newcomers: int = 0) -> bytes:
    """The staff, with so many newcomers: supporters of the colleagues' own department, whom no case of theirs meets."""
    people = [("1", "internal coordinator", "surgery", False)]
    people += [(number, "nurse", "icu", False) for number in COLLEAGUES]
    people += [(number, "nurse", "surgery", True) for number in SUPPORTERS]
    people += [(str(100 + n), "nurse", "icu", True) for n in range(newcomers)]
    today, text = datetime.now(UTC).date().isoformat(), io.StringIO()
    rows = csv.DictWriter(text, _COLUMNS, restval="")
    rows.writeheader()
    for number, function, department, supporter in people:
        row = {"staff_id": number, "name": f"N {number}", "function": function, "profession": "nurse"}
        row |= {"department": department, "languages": "en", "mail": mail_of(number), "phone": "+31 6 5555 0000"}
        row |= {"channel": "mail", "active": "yes", "supporter": "yes" if supporter else "no"}
        if supporter:
            row |= {"trained_on": today, "intervisie_on": today}
        rows.writerow(row)
    return text.getvalue().encode()


def calamity(number: int) -> dict[str, Any]:
    """The n-th report: a calamity of just now, with both colleagues."""
    now = datetime.now(UTC).isoformat()
    return {
        "specversion": "1.0",
        "id": f"event-{number}",
        "source": "urn:example:vim",
        "type": "naast.incident.reported.v1",
        "hospitalid": HOSPITAL,
        "data": {
            "hospital_id": HOSPITAL,
            "source": {"system": "vim", "report_id": str(number), "mapping": "vim@1"},
            "occurred_at": {"value": now, "precision": "minute"},
            "reported_at": now,
            "status": "new",
            "kind": "actual",
            "event_types": ["resuscitation"],
            "harm": "severe",
            "calamity": "yes",
            "department": "icu",
            "staff": [{"ref": ref, "role": "involved"} for ref in COLLEAGUES],
            "support_wish": "default",
            "anonymous": False,
        },
    }
