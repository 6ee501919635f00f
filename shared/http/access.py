"""Who may come in: keys for people and systems, links for one case. Only their hashes are kept.

A key carries a hospital, a role and a person's ref, a feed's the system whose reports it brings; a link carries one
case as well. Each has an end and a last use. The actor of a command always comes from here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Index, String, Table, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError

from shared import log
from shared.clock import Clock
from shared.db import Database, UTCDateTime, service_metadata
from shared.http.audit import Audit, Deed
from shared.http.looks import Looks, look_table
from shared.http.lookups import Lookups
from shared.messages import Role
from shared.settings import Settings
from shared.sweep import Old, Shelf

LINK_LIFE = timedelta(days=120)
_PREFIX = "naast_"
#: Whose a link is: her role, her ref, and the case.
Holder = tuple[Role, str, str]
#: How long a key works where nobody says: a machine's longer than a person's, for nobody is there when it ends.
LIVES: dict[Role, timedelta] = {
    "feed": timedelta(days=800),
    "coordinator": timedelta(days=400),
    "supporter": timedelta(days=400),
    "trainer": timedelta(days=400),
    "staff": timedelta(days=400),
    "ops": timedelta(days=400),
    "auditor": timedelta(days=120),
    "colleague": LINK_LIFE,
}
#: The hospital of a key that belongs to the whole deployment.
EVERY_HOSPITAL = "*"
#: The last use of a key is noted as often as this at most.
USED_AGAIN = timedelta(days=1)

metadata = service_metadata()
_key = Table(
    "access_key",
    metadata,
    Column("hash", String, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("hospital", String, nullable=False),
    Column("role", String, nullable=False),
    Column("person", String, nullable=False),
    Column("case", String, nullable=False, default=""),
    Column("system", String, nullable=False, default=""),
    Column("created_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime),
    Column("revoked_at", UTCDateTime),
    Column("used_at", UTCDateTime),
    Index(None, "hospital", "role"),
    Index(None, "hospital", "case"),
)
_look, _audit = look_table(metadata), Audit(metadata)


def shelves(settings: Settings) -> tuple[Shelf, ...]:
    """A key or link that has ended is listed for a time; that it was made, and who looked, is known for longer."""
    ended = "(revoked_at < {since} or expires_at < {since})"
    return (
        Old("access_key", ("hash",), ended, settings.keep_keys),
        Old("audit", ("id",), "at < {since}", settings.keep_access_log),
        Old("look", ("id", "n"), "at < {since}", settings.keep_access_log),
    )


@dataclass(frozen=True)
class Caller:
    """Whoever holds a key: of which hospital, in which role, and which person (a ref; empty for a system). `case`: a
    link's one case. `system`: the one whose reports a feed brings; empty: any. `key`: the id of the key.
    """

    hospital: str
    role: Role
    person: str
    case: str = ""
    system: str = ""
    key: str = ""

    @property
    def by(self) -> str:
        """Whose deed it is, as it is noted: the person, or the key where it is nobody's own."""
        return self.person or self.key

    @property
    def is_link(self) -> bool:
        """Whether it is for one case; a colleague has nothing else."""
        return bool(self.case) or self.role == "colleague"


@dataclass(frozen=True)
class KeyInfo:
    """A key as it may be listed: never the key itself."""

    id: str
    hospital: str
    role: str
    person: str
    case: str
    system: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None


_GOOD = """
select hash, used_at, hospital, role, person, "case", system, id from access_key
where hash = any ($1::text[]) and revoked_at is null and (expires_at is null or expires_at > $2)"""
_GOOD_SQLITE = _GOOD.replace("= any ($1::text[])", "in (select value from json_each($1))")
_logger = log.logger("access")


class Access:
    """The keys of a deployment."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.looks = Looks(database, clock, _look)
        self._callers = Lookups(self._good)

    async def make_key(
        self,
        hospital: str,
        role: Role,
        person: str = "",
        case: str = "",
        life: timedelta | None = None,
        system: str = "",
    ) -> str:
        """A new key; this is the only time that it can be read. life: how long it works, if not as long as usual."""
        token = _fresh()
        await self._keep(hospital, {token: (role, person, case)}, life or LIVES[role], system)
        return token

    async def make_links(self, hospital: str, holders: Mapping[str, Holder]) -> None:
        """Lets each of these tokens open one case, unless it was let before: what has ended stays so."""
        await self._keep(hospital, holders, LINK_LIFE)

    async def make_link(self, hospital: str, role: Role, person: str, case: str) -> str:
        """A key for one case, to be sent as a link."""
        token = _fresh()
        await self.make_links(hospital, {token: (role, person, case)})
        return token

    async def _keep(self, hospital: str, holders: Mapping[str, Holder], life: timedelta, system: str = "") -> None:
        now = self.clock.now()
        rows = [
            {
                "hash": _hash(token),
                "id": f"k-{secrets.token_hex(4)}",
                "hospital": hospital,
                "role": role,
                "person": person,
                "case": case,
                "system": system,
                "created_at": now,
                "expires_at": now + life,
            }
            for token, (role, person, case) in holders.items()
        ]
        # A link belongs to the letter that brings it, which is told in its case.
        made = [Deed("key_made", str(row["id"]), str(row["role"])) for row in rows if not row["case"]]
        if rows:
            add = (sqlite_insert if self.database.is_sqlite else pg_insert)(_key)
            async with self.database.begin() as c:
                await c.execute(add.on_conflict_do_nothing(index_elements=["hash"]), rows)
                await _audit.note(c, hospital, made, now)

    async def who(self, token: str) -> Caller | None:
        """The holder of a key that is good now. It is looked up each time, so that a key that is revoked is refused at
        once by every replica; those that come at one moment are looked up together.
        """
        return await self._callers.of(_hash(token))

    async def has_ended(self, token: str) -> bool:
        """Whether this was a link that opened a case, and opens nothing any more."""
        query = select(_key.c.hash).where(_key.c.hash == _hash(token), _key.c.case != "")
        async with self.database.read() as c:
            known = (await c.execute(query)).first() is not None
        return known and await self.who(token) is None

    async def _good(self, hashes: Sequence[str]) -> dict[str, Caller]:
        """Who holds those of these keys that are good now."""
        sql, given = (_GOOD_SQLITE, json.dumps(hashes)) if self.database.is_sqlite else (_GOOD, list(hashes))
        now = self.clock.now()
        async with self.database.read() as c:
            found = await c.rows(sql, given, now)
        await self._note_use([hash for hash, used, *_ in found if used is None or _moment(used) <= now - USED_AGAIN])
        return {hash: Caller(*holder) for hash, _, *holder in found}

    async def _note_use(self, hashes: Sequence[str]) -> None:
        """Once a day for each key. Where it cannot be noted the key is good all the same."""
        if not hashes:
            return
        use = update(_key).where(_key.c.hash == bindparam("h")).values(used_at=self.clock.now())
        try:
            async with self.database.begin() as c:
                await c.execute(use, [{"h": hash} for hash in hashes])
        except (DBAPIError, OSError) as error:
            _logger.error("use_not_noted", error=type(error).__name__)

    async def keys(self, hospital: str, *, links: bool = False) -> list[KeyInfo]:
        """The keys of a hospital, oldest first; the links of cases only when asked for."""
        query = select(_key).where(_key.c.hospital == hospital).order_by(_key.c.created_at, _key.c.id)
        if not links:
            query = query.where(_key.c.case == "")
        names = tuple(KeyInfo.__dataclass_fields__)
        async with self.database.read() as c:
            return [KeyInfo(**{name: row._mapping[name] for name in names}) for row in await c.execute(query)]

    async def revoke(self, hospital: str, id: str) -> bool:
        """Ends a key of this hospital; False when there is no such key that still works."""
        mine = (_key.c.hospital == hospital, _key.c.id == id, _key.c.revoked_at.is_(None))
        now = self.clock.now()
        async with self.database.begin() as c:
            done = await c.execute(update(_key).where(*mine).values(revoked_at=now).returning(_key.c.id, _key.c.role))
            ended = [Deed("key_revoked", *row) for row in done]
            await _audit.note(c, hospital, ended, now)
        return bool(ended)

    async def end_all(self, hospital: str, people: Iterable[str]) -> None:
        """Ends every key and link of these people (refs) that still works; every replica refuses them from then on."""
        rows = [{"whose": person} for person in sorted(people)]
        mine = (_key.c.hospital == hospital, _key.c.person == bindparam("whose"), _key.c.revoked_at.is_(None))
        async with self.database.begin() as c:
            await c.execute(update(_key).where(*mine).values(revoked_at=self.clock.now()), rows)

    async def note(self, hospital: str, deeds: Iterable[Deed], by_role: str, by: str) -> None:
        """Adds to the audit that somebody did this."""
        async with self.database.begin() as c:
            await _audit.note(c, hospital, deeds, self.clock.now(), by_role, by)

    async def audit(self, hospital: str, limit: int, offset: int) -> list[dict[str, Any]]:
        """Who changed who may come in, the latest first."""
        async with self.database.read() as c:
            return await _audit.read(c, hospital, limit, offset)

    async def end(self, hospital: str, links: Iterable[Holder]) -> None:
        """Ends the links of these holders; without a person those of everybody in that role."""
        now = self.clock.now()
        async with self.database.begin() as c:
            for role, person, case in links:
                theirs = [_key.c.hospital == hospital, _key.c.case == case, _key.c.role == role]
                theirs += [_key.c.person == person] if person else []
                await c.execute(update(_key).where(*theirs, _key.c.revoked_at.is_(None)).values(revoked_at=now))

    async def forget(self, cases: Iterable[tuple[str, str]]) -> None:
        """Takes away the links of these cases (hospital, case) and who looked at them: each joins a case and a
        person.
        """
        rows = [{"h": hospital, "k": case} for hospital, case in cases]
        async with self.database.begin() as c:
            await c.execute(delete(_key).where(_key.c.hospital == bindparam("h"), _key.c.case == bindparam("k")), rows)
            await self.looks.forget(c, [(row["h"], row["k"]) for row in rows])
        await self.database.scrub()


def link_token(secret: str, letter: str) -> str:
    """The token of the link in this letter: the same however often the letter is tried, and nobody else's."""
    digest = hmac.new(secret.encode(), f"link\x1f{letter}".encode(), hashlib.sha256).digest()
    return _PREFIX + base64.urlsafe_b64encode(digest[:24]).decode()


def _fresh() -> str:
    return _PREFIX + secrets.token_urlsafe(24)


def _moment(stored: datetime | str) -> datetime:
    """As SQLite's driver gives it, a text without a zone."""
    at = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _hash(token: str) -> str:
    """Keys are long and random, so a plain digest is as good as a slow one."""
    return hashlib.sha256(token.encode()).hexdigest()
