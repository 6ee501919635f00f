"""What will pass is told apart from a bad message, by one list; each line of it is an error that the drivers raise."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable
from pathlib import Path
from unittest.mock import AsyncMock

import asyncpg
import pytest
from aio_pika.exceptions import ChannelInvalidStateError
from aiormq import exceptions as amqp
from aiormq import spec
from aiormq.abc import DeliveredMessage
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.db import Database
from shared.passing import POSTGRES, RAISED, SQLITE, SYSTEM, is_passing, trouble
from shared.transaction import told_alike


def postgres(state: str) -> Exception:
    """What asyncpg raises for this SQLSTATE."""
    error: Exception = asyncpg.PostgresError.new({"C": state, "M": "message"})
    return error


def sqlite(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("message")
    error.sqlite_errorcode = code
    return error


def unroutable() -> Exception:
    """What a publisher hears of a message for which there is no queue."""
    returned = spec.Basic.Return(reply_code=312, reply_text="NO_ROUTE", exchange="naast.events", routing_key="x")
    return amqp.PublishError(DeliveredMessage(returned, AsyncMock(), b"", AsyncMock()), spec.Basic.Ack())


PASSING = {
    "the connection broke off": (postgres("08006"), "connection"),
    "the connection is gone": (postgres("08003"), "connection"),
    "a session was idle for too long": (postgres("25P03"), "connection"),
    "read-only": (postgres("25006"), "read_only"),
    "no such role now": (postgres("28000"), "rights"),
    "a password that is being changed": (postgres("28P01"), "rights"),
    "a right that was taken away": (postgres("42501"), "rights"),
    "a database that is being restored": (postgres("3D000"), "missing"),
    "a table that is not there yet": (postgres("42P01"), "missing"),
    "serialization": (postgres("40001"), "collision"),
    "deadlock": (postgres("40P01"), "collision"),
    "disk full": (postgres("53100"), "full"),
    "out of memory": (postgres("53200"), "memory"),
    "too many connections": (postgres("53300"), "crowded"),
    "a limit that is configured": (postgres("53400"), "full"),
    "a lock that is not given": (postgres("55P03"), "locked"),
    "cancelled": (postgres("57014"), "cancelled"),
    "shut down": (postgres("57P01"), "restarting"),
    "crashed": (postgres("57P02"), "restarting"),
    "starting up or recovering": (postgres("57P03"), "restarting"),
    "an error of the disk": (postgres("58030"), "storage"),
    "a page that is damaged": (postgres("XX001"), "storage"),
    "what nobody foresaw": (postgres("0A000"), "unforeseen"),
    "a connection of the driver that is closed": (asyncpg.InterfaceError("connection is closed"), "connection"),
    "no connection is free": (PoolTimeout(), "crowded"),
    "SQLite's disk full": (sqlite(sqlite3.SQLITE_FULL), "full"),
    "SQLite read-only": (sqlite(sqlite3.SQLITE_READONLY), "read_only"),
    "SQLite read-only, its folder": (sqlite(sqlite3.SQLITE_READONLY_DIRECTORY), "read_only"),
    "SQLite busy": (sqlite(sqlite3.SQLITE_BUSY), "locked"),
    "SQLite locked": (sqlite(sqlite3.SQLITE_LOCKED), "locked"),
    "SQLite cannot read": (sqlite(sqlite3.SQLITE_IOERR_READ), "storage"),
    "SQLite cannot open": (sqlite(sqlite3.SQLITE_CANTOPEN), "storage"),
    "SQLite has no such table yet": (sqlite(sqlite3.SQLITE_ERROR), "missing"),
    "SQLite's file is damaged": (sqlite(sqlite3.SQLITE_CORRUPT), "storage"),
    "refused at the door of a server": (ConnectionRefusedError(errno.ECONNREFUSED, ""), "connection"),
    "nobody answers": (TimeoutError(), "no_answer"),
    "a full disk": (OSError(errno.ENOSPC, ""), "full"),
    "a file system that is read-only": (OSError(errno.EROFS, ""), "read_only"),
    "a file that may not be touched": (PermissionError(errno.EACCES, ""), "rights"),
    "too many open files": (OSError(errno.EMFILE, ""), "crowded"),
    "the broker's connection broke off": (amqp.ConnectionClosed(320, "CONNECTION_FORCED"), "connection"),
    "the broker's channel is closed": (ChannelInvalidStateError(), "connection"),
    "the broker is out of something": (amqp.ConnectionResourceError("memory"), "memory"),
    "no rights at the broker": (amqp.ChannelAccessRefused("ACCESS_REFUSED"), "rights"),
    "not allowed at the broker": (amqp.ConnectionNotAllowed("NOT_ALLOWED"), "rights"),
    "a wrong password at the broker": (amqp.ProbableAuthenticationError("refused"), "rights"),
    "a queue that is gone": (amqp.ChannelNotFoundEntity("NOT_FOUND"), "missing"),
    "a queue of other arguments": (amqp.ChannelPreconditionFailed("PRECONDITION_FAILED"), "arguments"),
    "a queue that takes no more": (amqp.DeliveryError(None, spec.Basic.Nack()), "refused"),
    "nobody would get it": (unroutable(), "missing"),
}
BAD = {
    "a NUL": postgres("22021"),
    "a number that is too large": postgres("22003"),
    "two rows of one key": postgres("21000"),
    "a row that is there already": postgres("23505"),
    "a row that is too long": postgres("54000"),
    "what the driver refuses": asyncpg.DataError("value out of range"),
    "SQLite's constraint": sqlite(sqlite3.SQLITE_CONSTRAINT),
    "SQLite's limit": sqlite(sqlite3.SQLITE_TOOBIG),
    "half a character": UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates"),
    "a number that no column holds": OverflowError(),
    "a fault in a decision": ZeroDivisionError(),
}


@pytest.mark.parametrize(("error", "word"), PASSING.values(), ids=PASSING)
def test_what_will_pass_is_waited_for_and_has_a_word(error: Exception, word: str) -> None:
    assert [trouble(error), trouble(told_alike(error))] == [word, word]


@pytest.mark.parametrize("error", BAD.values(), ids=BAD)
def test_what_is_wrong_with_a_message_is_not_waited_for(error: Exception) -> None:
    assert [is_passing(error), is_passing(told_alike(error))] == [False, False]


def test_every_word_of_the_list_is_met_by_a_test() -> None:
    words = {*POSTGRES.values(), *SQLITE.values(), *RAISED.values(), *SYSTEM.values(), "unforeseen", "no_answer"}
    assert {word for _, word in PASSING.values()} == words


@pytest.mark.parametrize(
    ("wrap", "word"),
    [
        (lambda: OperationalError("", None, sqlite(sqlite3.SQLITE_FULL)), "full"),
        (lambda: IntegrityError("", None, sqlite(sqlite3.SQLITE_CONSTRAINT_UNIQUE)), ""),
        (lambda: OperationalError("", None, Exception()), "connection"),
    ],
)
def test_an_error_is_the_same_when_sqlalchemy_tells_it(wrap: Callable[[], Exception], word: str) -> None:
    assert trouble(wrap()) == word


async def test_a_database_file_that_is_full_is_told_as_full(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/small.sqlite", "small")
    try:
        await database.rehearse("create table t (x text)")
        async with database.begin() as c:
            c.driver.execute("create table t (x text)")
            c.driver.execute("pragma max_page_count = 3")
        with pytest.raises(OperationalError) as full:
            await database.rehearse("insert into t values (hex(randomblob(100000)))")
        assert trouble(full.value) == "full"
    finally:
        await database.close()
