"""`naast keys`: who may come in. A key is shown once; only its hash is kept."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from services.cli import show
from services.cli.command import command, group
from services.cli.desk import Desk
from services.cli.stop import REFUSED, WRONG, Stop

if TYPE_CHECKING:
    from shared.http.access import Access

KeyRole = Literal["feed", "coordinator", "supporter", "staff", "trainer", "ops", "auditor", "colleague"]
#: Roles in which a key speaks for one member of the staff.
_PERSONAL = ("supporter", "staff")
HERE = ("hospital", "lang", "json")

app = group("Who may come in: keys for people and systems.")


@command(app, "create", "naast keys create --role supporter --person 10442", HERE)
async def create(
    desk: Desk,
    role: Annotated[KeyRole, typer.Option("--role", help="What the holder may do.")],
    person: Annotated[str, typer.Option("--person", help="The holder's staff number, as in staff.csv.")] = "",
    case: Annotated[str, typer.Option("--case", help="For a colleague: her one case.")] = "",
    days: Annotated[
        int | None, typer.Option("--days", min=1, help="How long it works; without: as long as is usual for the role.")
    ] = None,
    system: Annotated[
        str, typer.Option("--system", help="For a feed: the system whose reports it brings, and no other's.")
    ] = "",
    keep: Annotated[bool, typer.Option("--keep", help="Keep it for this command line.")] = False,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="For ops: the figures, and dead letters of all hospitals.")
    ] = False,
) -> None:
    """Make a key and show it, once. It alone goes to standard output."""
    from services.cli import credentials
    from services.cli.ops import keyring
    from shared.http.access import EVERY_HOSPITAL

    _check(role, person, case, everywhere)
    if system and role != "feed":
        raise Stop("Only a key for a feed belongs to a system.", code=WRONG)
    hospital = EVERY_HOSPITAL if everywhere else desk.hospital_id
    if not everywhere and desk.hospital is None and list(desk.hospitals):
        desk.known_hospital()
    life = timedelta(days=days) if days else None
    async with keyring.opened(desk.settings) as access:
        if role == "colleague":
            ref, key = await _link(access, hospital, case, life)
        else:
            ref = await keyring.ref_of(desk.settings, hospital, person)
            key = await access.make_key(hospital, role, ref, life=life, system=system)
    if keep:
        credentials.keep(desk.settings.home, hospital, key, keyring.place_of(desk.settings))
    if desk.json:
        desk.give({"hospital": hospital, "role": role, "person": ref, "case": case, "key": key, "kept": keep})
        return
    show.line(desk, key)
    desk.say(desk.words("talk.key_once"))


def _check(role: KeyRole, person: str, case: str, everywhere: bool) -> None:
    """Raises Stop where the options do not belong to the role."""
    if everywhere and role != "ops":
        raise Stop("Only a key for ops is for all hospitals.", code=WRONG)
    if role in _PERSONAL and not person:
        raise Stop(f"A key for {role} carries a staff number.", "Add --person <staff number>.", WRONG)
    if (role == "colleague") != bool(case):
        raise Stop(
            "A colleague's key is for one case, and only hers is.", "Give both: --role colleague --case c-…", WRONG
        )
    if case and person:
        raise Stop("Who is the colleague of a case is known by the case.", "Leave --person out.", WRONG)


async def _link(access: Access, hospital: str, case: str, life: timedelta | None) -> tuple[str, str]:
    """Another link of the colleague whom a case was sent a link for; nobody else knows who she is. Raises Stop."""
    from shared.http.access import LINK_LIFE

    links = await access.keys(hospital, links=True)
    hers = [one.person for one in links if (one.case, one.role) == (case, "colleague") and one.revoked_at is None]
    if not hers:
        says = f"No link of {case} was sent to its colleague yet."
        raise Stop(says, "It goes with the first notice to her; a hospital that practises sends none.", REFUSED)
    return hers[-1], await access.make_key(hospital, "colleague", hers[-1], case, life or LINK_LIFE)


@command(app, "list", "naast keys list", HERE)
async def listed(
    desk: Desk, links: Annotated[bool, typer.Option("--links", help="The links of cases as well.")] = False
) -> None:
    """The keys of a hospital; never the keys themselves."""
    from services.cli.ops import keyring

    async with keyring.opened(desk.settings) as access:
        found = await access.keys(desk.hospital_id, links=links)
    words, zone = desk.words, desk.zone
    rows = []
    for k in found:
        moments = [words.brief(at, zone) for at in (k.created_at, k.expires_at, k.revoked_at, k.used_at)]
        rows.append([k.id, words.code("role", k.role), k.person or k.system, *([k.case] if links else []), *moments])
    columns = ("key", "role", "person", *(("case",) if links else ()), "made", "ends", "revoked", "used")
    show.table(desk, columns, rows, {"keys": [asdict(k) for k in found]}, words("talk.no_keys"))


@command(app, "revoke", "naast keys revoke k-1f0c9a2e", HERE)
async def revoke(desk: Desk, id: Annotated[str, typer.Argument(help="The id of the key, from the list.")]) -> None:
    """End a key, at once."""
    from services.cli.ops import keyring

    async with keyring.opened(desk.settings) as access:
        done = await access.revoke(desk.hospital_id, id)
    if not done:
        raise Stop(f"{desk.hospital_id} has no key {id} that still works.", "See them: naast keys list")
    if desk.json:
        desk.give({"key": id, "revoked": True})
    else:
        desk.say(desk.words("talk.key_revoked", id=id))
