"""`naast keys`: who may come in. A key is shown once; only its hash is kept."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Literal

import typer

from services.cli import show
from services.cli.command import command, group
from services.cli.desk import WRONG, Desk, Stop

KeyRole = Literal["feed", "coordinator", "supporter", "trainer", "ops", "auditor"]
HERE = ("hospital", "lang", "json")

app = group("Who may come in: keys for people and systems.")


@command(app, "create", "naast keys create --role supporter --person 10442", HERE)
async def create(
    desk: Desk,
    role: Annotated[KeyRole, typer.Option("--role", help="What the holder may do.")],
    person: Annotated[str, typer.Option("--person", help="The holder's staff number, as in staff.csv.")] = "",
    days: Annotated[
        int | None, typer.Option("--days", min=1, help="How long it works; without: until revoked.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep it for this command line.")] = False,
    everywhere: Annotated[bool, typer.Option("--everywhere", help="For ops: dead letters of all hospitals.")] = False,
) -> None:
    """Make a key and show it, once. It alone goes to standard output."""
    from services.cli import credentials, keyring
    from shared.whoami import EVERY_HOSPITAL

    if everywhere and role != "ops":
        raise Stop("Only a key for ops is for all hospitals.", code=WRONG)
    if role == "supporter" and not person:
        raise Stop("A supporter's key carries her staff number.", "Add --person <staff number>.", WRONG)
    hospital = EVERY_HOSPITAL if everywhere else desk.hospital_id
    if not everywhere and desk.hospital is None and list(desk.hospitals):
        desk.known_hospital()
    async with keyring.opened(desk.settings) as access:
        ref = keyring.ref_of(desk.settings, hospital, person)
        key = await access.make_key(hospital, role, ref, life=timedelta(days=days) if days else None)
    if keep:
        credentials.keep(desk.settings.home, hospital, key)
    if desk.json:
        desk.give({"hospital": hospital, "role": role, "person": ref, "key": key, "kept": keep})
        return
    show.line(desk, key)
    desk.say(desk.words("talk.key_once"))


@command(app, "list", "naast keys list", HERE)
async def listed(
    desk: Desk, links: Annotated[bool, typer.Option("--links", help="The links of cases as well.")] = False
) -> None:
    """The keys of a hospital; never the keys themselves."""
    from services.cli import keyring

    async with keyring.opened(desk.settings) as access:
        found = await access.keys(desk.hospital_id, links=links)
    words, zone = desk.words, desk.zone
    rows = []
    for k in found:
        moments = [words.brief(at, zone) for at in (k.created_at, k.expires_at, k.revoked_at)]
        rows.append([k.id, words.code("role", k.role), k.person, *([k.case] if links else []), *moments])
    columns = ("key", "role", "person", *(("case",) if links else ()), "made", "ends", "revoked")
    show.table(desk, columns, rows, {"keys": [asdict(k) for k in found]}, words("talk.no_keys"))


@command(app, "revoke", "naast keys revoke k-1f0c9a2e", HERE)
async def revoke(desk: Desk, id: Annotated[str, typer.Argument(help="The id of the key, from the list.")]) -> None:
    """End a key, at once."""
    from services.cli import keyring

    async with keyring.opened(desk.settings) as access:
        done = await access.revoke(desk.hospital_id, id)
    if not done:
        raise Stop(f"{desk.hospital_id} has no key {id} that still works.", "See them: naast keys list")
    if desk.json:
        desk.give({"key": id, "revoked": True})
    else:
        desk.say(desk.words("talk.key_revoked", id=id))
