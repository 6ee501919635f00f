"""Faults of who may: a key that opens more than it is for, and a look that nobody learns of."""

from __future__ import annotations

from tests.engine.fault import Fault

OF_SCOPE = (
    Fault(
        "what says nothing of who may use it is open",
        "shared/http/late.py",
        "        must_say(path, endpoint)\n",
        "",
        "scope",
    ),
    Fault(
        "a role is not looked at",
        "shared/http/scope.py",
        "if caller.role not in terms.roles and not terms.rules:",
        "if False:",
        "attacks/matrix",
    ),
    Fault(
        "a link opens another case",
        "shared/http/scope.py",
        "if caller.is_link and case is not None and case != caller.case:",
        "if False:",
        "attacks/matrix",
    ),
    Fault(
        "a link opens more than a case",
        "shared/http/scope.py",
        "if caller.is_link and not terms.link:",
        "if False:",
        "attacks/matrix",
    ),
    Fault(
        "a key opens another hospital",
        "shared/http/scope.py",
        "if hospital is not None and (hospital != caller.hospital or not knows(hospital)):",
        "if hospital is not None and not knows(hospital):",
        "attacks/matrix",
    ),
    Fault(
        "a key for a hospital that is none is let in",
        "shared/http/scope.py",
        "(hospital != caller.hospital or not knows(hospital))",
        "hospital != caller.hospital",
        "attacks/matrix",
    ),
    Fault(
        "ops of one hospital sets the clock of all",
        "shared/http/scope.py",
        "if terms.everywhere and caller.hospital != EVERY_HOSPITAL:",
        "if False:",
        "attacks/matrix",
    ),
    Fault(
        "a declaration is too wide",
        "services/intake/doors/api.py",
        '    @routes.get("/staff")\n    @lets("coordinator")',
        '    @routes.get("/staff")\n    @lets("coordinator", "supporter")',
        "attacks/matrix",
    ),
    Fault(
        "whoever opens a link reads the number",
        "services/intake/doors/pages.py",
        '        "card": None,\n',
        '        "card": await _card(running, caller) if view in ("case", "called") else None,\n',
        "intake_pages",
    ),
    Fault(
        "an answer may be kept on the way",
        "shared/http/gate.py",
        '"Cache-Control": "no-store", ',
        "",
        "attacks/matrix",
    ),
    Fault(
        "who looked at a case is written nowhere",
        "services/followup/doors/api.py",
        'await looked(running, who, "case", [] if found.erased else [case])',
        "pass",
        "attacks/looks",
    ),
    Fault(
        "what cannot be noted is shown",
        "shared/http/looks.py",
        "await self._writing.of(Look(",
        "self._writing.of(Look(",
        "attacks/looks",
    ),
    Fault(
        "a feed speaks for another system",
        "services/intake/doors/feeds/reports.py",
        'system not in ("", one.report.source.system)',
        "False",
        "keys",
    ),
    Fault("a key has no end", "shared/http/access.py", "life or LIVES[role]", "life or LIVES[role] * 100", "keys"),
    Fault(
        "each request writes that a key was used",
        "shared/http/access.py",
        "if used is None or _moment(used) <= now - USED_AGAIN]",
        "if True]",
        "keys",
    ),
    Fault(
        "another body under the same key is lost in silence",
        "shared/engine/entrances.py",
        "not in (None, command.correlation):",
        "is None:",
        "followup_door",
    ),
)
