"""What will pass and what is a bad message: the one list of the errors of the surroundings, each with its word.

What will pass is waited for, and done again; nothing is set aside of it. Everything else is wrong with the message
itself. An error that PostgreSQL or the broker tells and that nobody foresaw will pass too: so nothing is lost of it.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Mapping

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

#: What PostgreSQL tells, by SQLSTATE, or by its class where all of a class is alike.
POSTGRES: Mapping[str, str] = {
    "08": "connection",
    "25": "connection",
    "25006": "read_only",
    "28": "rights",
    "3D": "missing",
    "3F": "missing",
    "40": "collision",
    "42": "missing",
    "42501": "rights",
    "53": "full",
    "53200": "memory",
    "53300": "crowded",
    "55": "locked",
    "57": "restarting",
    "57014": "cancelled",
    "58": "storage",
    "XX": "storage",
}
#: What SQLite tells, by its primary result code. "missing": a table that is not there yet.
SQLITE: Mapping[int, str] = {
    sqlite3.SQLITE_ERROR: "missing",
    sqlite3.SQLITE_PERM: "rights",
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_NOMEM: "memory",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_INTERRUPT: "cancelled",
    sqlite3.SQLITE_IOERR: "storage",
    sqlite3.SQLITE_CORRUPT: "storage",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_CANTOPEN: "storage",
    sqlite3.SQLITE_PROTOCOL: "locked",
    sqlite3.SQLITE_SCHEMA: "missing",
    sqlite3.SQLITE_AUTH: "rights",
    sqlite3.SQLITE_NOTADB: "storage",
}
#: What the broker and the drivers raise, by library and class, the nearest class first. A publish that the broker does
#: not confirm, or for which it has no queue, is a DeliveryError.
RAISED: Mapping[tuple[str, str], str] = {
    ("aiormq", "AMQPError"): "connection",
    ("aiormq", "AuthenticationError"): "rights",
    ("aiormq", "ProbableAuthenticationError"): "rights",
    ("aiormq", "ConnectionNotAllowed"): "rights",
    ("aiormq", "ChannelAccessRefused"): "rights",
    ("aiormq", "ChannelNotFoundEntity"): "missing",
    ("aiormq", "ChannelPreconditionFailed"): "arguments",
    ("aiormq", "ChannelLockedResource"): "locked",
    ("aiormq", "ConnectionResourceError"): "memory",
    ("aiormq", "DeliveryError"): "refused",
    ("aiormq", "PublishError"): "missing",
    ("aiormq", "ChannelInvalidStateError"): "connection",
    ("aio_pika", "AMQPError"): "connection",
    ("asyncpg", "InterfaceError"): "connection",
}
#: What the operating system tells; whatever else it tells is a connection.
SYSTEM: Mapping[int, str] = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EROFS: "read_only",
    errno.EACCES: "rights",
    errno.EPERM: "rights",
    errno.EMFILE: "crowded",
    errno.ENFILE: "crowded",
    errno.EIO: "storage",
}
#: SQLSTATE classes of what is wrong with a row itself: its data, two rows for one key, a constraint, its size.
_OF_A_ROW = ("21", "22", "23", "54")
_UNFORESEEN = "unforeseen"


def trouble(error: BaseException) -> str:
    """In one word what is wrong with the surroundings; nothing where it is the message that is bad."""
    # A connection that cannot be made raises what the driver raises, without SQLAlchemy's wrapping.
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if state := sqlstate(error):
        return _of_postgres(state)
    if isinstance(cause, sqlite3.Error) and (code := getattr(cause, "sqlite_errorcode", None)) is not None:
        return SQLITE.get(code & 0xFF, "")
    if _is_refused_value(cause):
        return ""
    if isinstance(error, PoolTimeout):
        return "crowded"
    if word := _of_its_class(cause):
        return word
    if isinstance(cause, OSError):
        return "no_answer" if isinstance(cause, TimeoutError) else SYSTEM.get(cause.errno or 0, "connection")
    if isinstance(error, DBAPIError):
        lost = error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
        return "connection" if lost else ""
    return ""


def is_passing(error: BaseException) -> bool:
    """Whether the same work may be done again once the surroundings are in order."""
    return bool(trouble(error))


def is_collision(error: BaseException) -> bool:
    """Whether two transactions got in each other's way (deadlock, serialization): doing it again at once helps."""
    return sqlstate(error).startswith("40")


def sqlstate(error: BaseException) -> str:
    """What PostgreSQL calls it; nothing for any other error."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(cause, "sqlstate", None) or "")


def error_code(error: BaseException) -> str:
    """A content-free name for an error: its SQLSTATE or its class."""
    state = sqlstate(error)
    return f"sqlstate_{state}" if state else type(error).__name__


def _of_postgres(state: str) -> str:
    if state[:2] in _OF_A_ROW:
        return ""
    return POSTGRES.get(state) or POSTGRES.get(state[:2], _UNFORESEEN)


def _of_its_class(error: BaseException | None) -> str:
    """By name: whoever needs no broker need not load what speaks to one."""
    for kind in type(error).__mro__:
        if word := RAISED.get((kind.__module__.partition(".")[0], kind.__name__)):
            return word
    return ""


def _is_refused_value(cause: BaseException | None) -> bool:
    """Whether the driver itself refused a value, before the database saw it: it calls that an interface error."""
    return isinstance(cause, ValueError) or isinstance(getattr(cause, "__cause__", None), ValueError)
