"""Faults of what stands around the services: what passes is taken for bad, what is bad for passing, and nobody sees."""

from __future__ import annotations

from tests.engine.fault import Fault

OF_SURROUNDINGS = (
    Fault(
        "what a read-only database refuses is a bad message",
        "shared/passing.py",
        '_OF_A_ROW = ("21", "22", "23", "54")',
        '_OF_A_ROW = ("21", "22", "23", "25", "54")',
        "attacks/read_only",
    ),
    Fault(
        "a full disk of SQLite is a bad message",
        "shared/passing.py",
        '    sqlite3.SQLITE_FULL: "full",\n',
        "",
        "passing",
    ),
    Fault(
        "what a database refuses is to be tried again",
        "shared/http/answers.py",
        '    if not reason:\n        return JSONResponse({"error": "invalid"',
        '    if False:\n        return JSONResponse({"error": "invalid"',
        "attacks/refused_by_a_database",
    ),
    Fault(
        "all deliveries are used up at once",
        "shared/bus/patience.py",
        "await asyncio.sleep(pause_after(deliveries(message)))",
        "pass",
        "rabbit_ways",
    ),
    Fault(
        "what was delivered too often does not wait for settings",
        "shared/bus/reports.py",
        "            raise  # it waits here until they are\n",
        "            pass\n",
        "rabbit_ways",
    ),
    Fault(
        "whoever says that it is ready has tried nothing",
        "shared/db.py",
        "await c.execute(text(statement))",
        "pass",
        "readiness",
    ),
    Fault("what is tried stays", "shared/db.py", "                raise _Undone\n", "", "readiness"),
    Fault(
        "what a feed was refused has no reader",
        "services/intake/app.py",
        "    refusals=Refused,\n",
        "",
        "journeys/cli_dead_letters",
    ),
    Fault(
        "anybody lets go of what a feed was refused",
        "services/intake/doors/feeds/refusals.py",
        'return key if hospital in (None, key["hospital"]) else None',
        "return key",
        "journeys/not_recorded",
    ),
    Fault(
        "dead ends are not counted",
        "shared/http/answers.py",
        "            await _measure_dead_ends(service, running)\n",
        "",
        "journeys/metrics",
    ),
)
