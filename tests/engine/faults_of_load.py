"""Faults where somebody's load would become everybody's: what keeps budgets, turns, connections and mailboxes."""

from __future__ import annotations

from tests.engine.fault import Fault

OF_LOAD = (
    Fault("a key may ask without end", "shared/http/budgets.py", "if wait:", "if False:", "attacks/budgets"),
    Fault(
        "a good key suffers for bad ones",
        "shared/http/budgets.py",
        "(caller.role, _name(token)), OF_KEYS[caller.role])",
        '("failures", address), OF_FAILURES)',
        "attacks/budgets",
    ),
    Fault(
        "keys that fail are not counted",
        "shared/http/budgets.py",
        'self._metrics.authentication_failed("unknown" if has_token else "none")',
        "pass",
        "attacks/budgets",
    ),
    Fault(
        "one hospital has every place for large bodies",
        "shared/http/budgets.py",
        "LARGE_AT_ONCE, LARGE_OF_ONE = 4, 1",
        "LARGE_AT_ONCE, LARGE_OF_ONE = 1, 4",
        "attacks/budgets",
    ),
    Fault(
        "one key has every turn",
        "shared/http/budgets.py",
        "AT_WORK, OF_ONE_KEY = 16, 2",
        "AT_WORK, OF_ONE_KEY = 16, 16",
        "attacks/budgets",
    ),
    Fault(
        "a page that waits for another request keeps it waiting",
        "shared/http/gate.py",
        'if terms.key == "header":\n                    await held',
        "if True:\n                    await held",
        "attacks/budgets",
    ),
    Fault(
        "half a request keeps its connection",
        "shared/http/server.py",
        "if len(others) <= MOST:",
        "if True:",
        "attacks/half_sent",
    ),
    Fault(
        "whoever is being answered is sent away",
        "shared/http/server.py",
        "if one is not self and one._is_waited_for()",
        "if one is not self",
        "attacks/half_sent",
    ),
    Fault(
        "nobody has a turn between transactions",
        "shared/db.py",
        "            await asyncio.sleep(0)\n",
        "            pass\n",
        "attacks/long_work",
    ),
    Fault(
        "a house takes as much at once as a replica",
        "shared/engine/outgoing.py",
        "FEW if database.is_sqlite else BATCH",
        "BATCH",
        "attacks/long_work",
    ),
    Fault(
        "what is nested without end is parsed",
        "shared/http/gate.py",
        "if terms.most <= SMALL and is_deeper(body):",
        "if False:",
        "attacks/long_work",
    ),
    Fault(
        "each report is a mail",
        "services/intake/doors/mail/pace.py",
        "mails = count if count <= left else min(1, int(left))",
        "mails = count",
        "attacks/many_reports",
    ),
    Fault(
        "a letter does not say for how many it stands",
        "services/intake/doors/mail/notices.py",
        "times = len(self._sums.get(event.id, (event,)))",
        "times = 1",
        "attacks/many_reports",
    ),
    Fault(
        "a counter tells what somebody pressed",
        "shared/metrics.py",
        "return ABOUT_SOMEBODY if tells else type",
        "return type",
        "attacks/counters",
    ),
    Fault(
        "anybody reads the figures of all hospitals",
        "shared/http/answers.py",
        '@lets("ops", everywhere=True)',
        '@lets("ops")',
        "attacks/counters",
    ),
)
