"""Faults of what a message names and concerns: what would remember whom it should forget, or take one for another."""

from __future__ import annotations

from tests.engine.fault import Fault

OF_MESSAGES = (
    Fault(
        "each colleague is looked up alone",
        "shared/engine/world.py",
        "            except Missing as one:\n                missing |= one.keys",
        "            except Missing:\n                raise",
        "intake_door",
    ),
    Fault(
        "a message keeps who is forgotten",
        "shared/messages/base.py",
        "kept = tuple(one for one in named if case not in below.read(one))",
        "kept = named",
        "erasure",
    ),
    Fault(
        "who else was involved is remembered",
        "shared/messages/intake/facts.py",
        'update={"not_by": (), "line": ()}',
        "update={}",
        "erasure",
    ),
    Fault(
        "a ref of no known kind is a case",
        "shared/messages/refs.py",
        "return _LETTERS.get(ref[:2])",
        'return _LETTERS.get(ref[:2], "case")',
        "rules/refs",
    ),
    Fault(
        "what is of no known kind is taken",
        "shared/engine/registry.py",
        "            raise OfNoKind\n",
        "            pass\n",
        "decisions/intake_people",
    ),
    Fault(
        "whoever is only named is the subject",
        "shared/engine/registry.py",
        "    if set(about) <= set(kinds):\n        return lambda one: (one.subject,)\n",
        "",
        "rules/one_row",
    ),
    Fault(
        "a message that is heard has no row",
        "services/training/protocol/domain.py",
        "    intake.StaffLeft: On({Supporter: becomes(left=True)}, _about_her()),\n",
        "",
        "rules/one_row",
    ),
    Fault(
        "what comes late joins an erased case with somebody",
        "services/intake/protocol/changes.py",
        "link if link.erased else evolve(link, fact, at)",
        "evolve(link, fact, at)",
        "decisions/intake",
    ),
)
