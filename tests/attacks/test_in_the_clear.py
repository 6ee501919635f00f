"""Nothing that tells of anybody crosses a network in the clear, and no password either."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from services.cli.ops import trust
from services.house.parts import HouseError, database_url
from services.house.replica import run_one
from services.intake.doors.mail.line import Away, InTheClear
from services.intake.doors.mail.notices import SmtpPost
from shared import transport
from shared.settings import Settings
from tests.engine.door import Door
from tests.engine.intake_house import canonical, feed, open_intake
from tests.engine.intake_mail_words import Mailboxes, carry, case_of, letter


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of localhost, by itself; it holds its key as well."""
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    made = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject)
    subprocess.run([*made, "-keyout", f"{path}.key", "-out", path], check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.key").read_text())
    return path


@pytest.fixture
async def mail_server(certificate: Path) -> AsyncIterator[Callable[[bool], Any]]:
    """Opens one that offers encryption or does not; gives its url and its boxes. It notes whatever it is told."""
    servers = []

    async def open_one(encrypts: bool) -> tuple[str, Mailboxes]:
        boxes, context = Mailboxes(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        tls: dict[str, Any] = {"tls_context": context, "require_starttls": True} if encrypts else {}
        loop = asyncio.get_running_loop()
        servers.append(await loop.create_server(lambda: SMTP(boxes, hostname="mail", **tls), "127.0.0.1", 0))
        return f"smtp://localhost:{servers[-1].sockets[0].getsockname()[1]}", boxes

    yield open_one
    for server in servers:
        server.close()
        await server.wait_closed()


@pytest.fixture(params=["sqlite"])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_intake(request, tmp_path) as door:
        await feed(door, canonical("1", "2"))
        yield door


def problem(door: Door) -> float | None:
    labels = {"service": "intake", "what": "mail"}
    return door.running.metrics.registry.get_sample_value("naast_trust_problems", labels)


async def test_a_letter_waits_for_a_mail_server_that_encrypts(
    door: Door, mail_server: Any, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = letter(door, (await case_of(door, "1")).id, "colleague", "matched")
    plain, heard = await mail_server(False)
    assert await carry(door, event, SmtpPost(plain, "naast@example.org", must_encrypt=True)) is None
    assert (heard.mails, problem(door)) == ([], 1)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    encrypted, heard = await mail_server(True)
    receipt = await carry(door, event, SmtpPost(encrypted, "naast@example.org", must_encrypt=True))
    assert (receipt.outcome, [to for to, _ in heard.mails], problem(door)) == ("sent", ["anna@example.org"], 0)


async def test_no_password_is_said_before_the_line_is_encrypted(mail_server: Any) -> None:
    plain, _ = await mail_server(False)
    post = SmtpPost(plain.replace("//", "//naast:password@"), "naast@example.org", must_encrypt=True)
    with pytest.raises(InTheClear):
        await post.open()


async def test_a_certificate_that_nobody_vouches_for_is_none(mail_server: Any) -> None:
    encrypted, heard = await mail_server(True)
    with pytest.raises(Away):
        await SmtpPost(encrypted, "naast@example.org", must_encrypt=True).open()
    assert heard.mails == []


async def test_the_doctor_says_that_letters_wait_for_a_server_that_encrypts(
    mail_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, _ = await mail_server(False)
    near = await trust.mail(settings(smtp_url=plain))
    monkeypatch.setattr(transport, "is_on_this_machine", lambda host: False)
    far = await trust.mail(settings(smtp_url=plain))
    assert (near.state, far.state) == ("good", "bad")
    assert "offers no encryption, so letters wait" in far.says


def settings(**urls: Any) -> Settings:
    return Settings.model_validate(urls)


@pytest.mark.parametrize(
    ("url", "clear"),
    [
        ("amqp://u:p@localhost/", False),
        ("amqp://u:p@127.0.0.2:5672/", False),
        ("amqp://u:p@[::1]/", False),
        ("amqps://u:p@broker.example/", False),
        ("amqp://u:p@broker.example/", True),
        ("amqp://u:p@10.0.0.7/", True),
        ("amqp://u:p@localhost.example/", True),
        ("amqps://u:p@broker.example/?no_verify_ssl=1", True),
    ],
)
def test_a_broker_beyond_this_machine_is_spoken_to_over_tls(url: str, clear: bool) -> None:
    assert (transport.broker_in_the_clear(settings(amqp_url=url)) is not None) == clear
    assert transport.broker_in_the_clear(settings(amqp_url=url, private_network=True)) is None


@pytest.mark.parametrize(
    ("rest", "clear"),
    [
        ("u:p@localhost/naast", False),
        ("u:p@/naast?host=/var/run/postgresql", False),
        ("u:p@db.example/naast?ssl=verify-full", False),
        ("u:p@db.example/naast?ssl=require", False),
        ("u:p@db.example/naast", True),
        ("u:p@db.example/naast?ssl=prefer", True),
        ("u:p@db.example/naast?ssl=disable", True),
        ("u:p@/naast?host=localhost:5432&host=db.example:5432", True),
        ("u:p@172.17.0.2:5432/naast", True),
    ],
)
def test_a_database_beyond_this_machine_is_spoken_to_over_tls(rest: str, clear: bool) -> None:
    url = f"postgresql+asyncpg://{rest}"
    assert (transport.database_in_the_clear(settings(database_url=url)) is not None) == clear
    if clear:
        with pytest.raises(HouseError, match=r"NAAST_DATABASE_URL .* without encryption"):
            database_url(settings(database_url=url), "intake")
    assert database_url(settings(database_url=url, private_network=True), "intake") == url


async def test_a_service_does_not_start_over_a_network_in_the_clear() -> None:
    near = "postgresql+asyncpg://u:p@localhost/naast"
    given = settings(amqp_url="amqp://u:p@broker.example/", database_url=near, secret="x" * 32)
    with pytest.raises(HouseError, match=r"NAAST_AMQP_URL .* without encryption"):
        await run_one("intake", given, asyncio.Event())


@pytest.mark.parametrize(
    ("url", "must"), [("smtp://localhost", False), ("smtp://mail.example", True), ("smtps://mail.example", True)]
)
def test_mail_beyond_this_machine_is_encrypted(url: str, must: bool) -> None:
    assert transport.mail_must_be_encrypted(settings(smtp_url=url)) == must
    assert not transport.mail_must_be_encrypted(settings(smtp_url=url, private_network=True))
