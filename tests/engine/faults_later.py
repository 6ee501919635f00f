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
    Fault(
        "one letter is for several",
        "services/intake/doors/mail/notices.py",
        'self._tell([one for one, _ in letters], "divided")',
        "pass",
        "intake_mail_readers",
    ),
    Fault(
        "of several readers one gets the letter",
        "services/intake/protocol/domain.py",
        "for reader in gone.readers:",
        "for reader in gone.readers[:1]:",
        "intake_mail_readers",
    ),
    Fault(
        "another farewell leaves beside the confirmation",
        "services/intake/protocol/rules.py",
        "return letter.template == _CONFIRMED_BY[letter.ending]",
        'return letter.template in ("declined", "closed")',
        "laws/small_histories",
    ),
    Fault(
        "whose offer was taken back has no confirmation",
        "services/intake/protocol/changes.py",
        'return link if link.ending == "withdrawn" else',
        "return",
        "laws/small_histories",
    ),
    Fault(
        "whatever was tried was tried by the supporter",
        "services/followup/protocol/case.py",
        "one.kind == kind and one.of == self.supporter",
        "one.kind == kind",
        "laws/small_histories",
    ),
)
