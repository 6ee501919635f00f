"""Faults of what is kept for a time, of pages, of those who left, and of what was erased."""

from __future__ import annotations

from tests.engine.fault import Fault

OF_GROWTH = (
    Fault(
        "a timer that waits is swept with what is old",
        "shared/engine/shelves.py",
        "id < {since} and seq not in (select seq from pending where {stretch}) and",
        "id < {since} and",
        "sweep",
    ),
    Fault(
        "a letter that may be replayed is swept",
        "shared/engine/shelves.py",
        " and id not in (select id from dead_letter)",
        "",
        "sweep",
    ),
    Fault(
        "that a case was erased is forgotten",
        "shared/engine/shelves.py",
        "at < {{since}} and key not like '{ERASED}%'",
        "at < {{since}}",
        "sweep",
    ),
    Fault(
        "positions go with the erasure",
        "shared/engine/shelves.py",
        "now - timedelta(days=self.days))",
        "now)",
        "sweep",
    ),
    Fault(
        "a step looks at the whole table",
        "shared/sweep.py",
        "tuple(last[0]) if last else None)",
        "None)",
        "sweep",
    ),
    Fault(
        "a sweeper never rests",
        "shared/sweep.py",
        "self._rests_until = now + REST",
        "self._rests_until = now + timedelta(seconds=1)",
        "sweep",
    ),
    Fault(
        "a list is cut and does not say so",
        "shared/http/pages.py",
        "if len(found) > self.limit else {}",
        "if len(found) > self.wanted else {}",
        "pages",
    ),
    Fault(
        "a table is vacuumed and its bytes stay",
        "shared/postgres.py",
        "vacuum (full, analyze)",
        "vacuum (analyze)",
        "live/erased",
    ),
    Fault(
        "a small group of erased cases is told",
        "services/followup/protocol/tally.py",
        "if count >= LEAST})",
        "if count >= LEAST - 1})",
        "decisions/tally",
    ),
    Fault(
        "what is left over is found by subtraction",
        "services/followup/protocol/tally.py",
        "        if groups:\n            count +=",
        "        if not groups:\n            count +=",
        "decisions/tally",
    ),
    Fault(
        "the keys of whoever left work on",
        "services/intake/doors/people.py",
        "gone=frozenset({one.id for one in missing} |",
        "gone=frozenset(",
        "leavers",
    ),
    Fault(
        "the link of her own case works on",
        "services/intake/doors/leavers.py",
        "known_as | set(leavers)",
        "leavers",
        "leavers",
    ),
    Fault(
        "a letter brings a link to whoever left",
        "services/intake/doors/mail/readers.py",
        "if ref not in staff_of or staff_of[ref].active}",
        "}",
        "leavers",
    ),
    Fault(
        "the card of whoever left stays",
        "services/intake/protocol/domain.py",
        "left_at = None if row.active else before.left_at or world.now",
        "left_at = None",
        "leavers",
    ),
    Fault(
        "the card goes while a case is open",
        "services/intake/doors/leavers.py",
        "gone - {link.staff for link in links if not link.closed}",
        "gone",
        "leavers",
    ),
)
