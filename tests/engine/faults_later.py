"""Faults of what becomes true later: somebody would not hear of it, or an erased case would wake."""

from __future__ import annotations

from tests.engine.fault import Fault

LATER = (
    Fault(
        "what was erased is not looked up",
        "shared/engine/engine.py",
        "memory.erased |= {subjects[key] for key in found.noted}",
        "pass",
        "erased_late",
    ),
    Fault(
        "a batch wakes whom it erased itself",
        "shared/engine/work.py",
        "self._erased_now |=",
        "self._erased_now &=",
        "erased_late",
    ),
    Fault(
        "others are forgotten with the erased",
        "shared/engine/work.py",
        "data = Message.without(data, one)",
        "data = None",
        "erased_late",
    ),
    Fault(
        "what an erased case is answered is kept",
        "shared/engine/work.py",
        "self.answered += decision.said",
        "self.said += decision.said",
        "erased_late",
    ),
    Fault(
        "nobody hears how grave the event was",
        "services/intake/protocol/offers.py",
        "    yield from _reassessed(world, before, report)\n",
        "",
        "decisions/reassessed",
    ),
    Fault(
        "clocks do not follow what is graver",
        "services/followup/protocol/domain.py",
        'yield from start(world, case, "contact", "last_check")',
        "pass",
        "decisions/reassessed",
    ),
    Fault(
        "an ask does not become urgent",
        "services/matching/protocol/domain.py",
        "yield case.but(urgent=urgent)",
        "pass",
        "decisions/reassessed",
    ),
)
