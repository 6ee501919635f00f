"""The scope of a key: a hospital, a role, and for a link one case. It is held against what a route says of itself and
whom its path names, before the route gets to see anything.

What is another hospital's or another case's does not exist. Who may do what in a case is for the rules to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import get_args

from shared.http.access import EVERY_HOSPITAL, Caller
from shared.http.refused import Refused
from shared.http.terms import Terms
from shared.messages import Role

#: Whether there is such a hospital.
Knows = Callable[[str], bool]
GONE = {"error": "not_found", "hint": "Check the id; a key sees only its own hospital and its own cases."}
_ONE_CASE = "A link for one case opens that case only."
_EVERYWHERE = "This is for a key for every hospital."


def admit(caller: Caller, terms: Terms, named: Mapping[str, str], knows: Knows) -> None:
    """named: the parts of the path. Raises Refused for whoever may not use this route, or not there."""
    hospital, case = named.get("hospital"), named.get("case")
    if hospital is not None and (hospital != caller.hospital or not knows(hospital)):
        raise Refused(404, **GONE)
    if caller.is_link and not terms.link:
        raise Refused(403, "not_your_role", _ONE_CASE)
    if caller.is_link and case is not None and case != caller.case:
        raise Refused(404, **GONE)
    if caller.role not in terms.roles and not terms.rules:
        raise Refused(
            403, "not_your_role", f"This is for: {', '.join(role for role in get_args(Role) if role in terms.roles)}."
        )
    if terms.everywhere and caller.hospital != EVERY_HOSPITAL:
        raise Refused(403, "not_your_role", _EVERYWHERE)
