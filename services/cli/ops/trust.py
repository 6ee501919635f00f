"""What `naast doctor` looks at so that store, broker and mail can be trusted: who else can read, write or listen."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from services.cli.ops.finding import Finding

if TYPE_CHECKING:
    from shared.settings import Settings


def home(home: Path) -> Finding:
    from shared.private import open_to_others

    if not home.exists():
        return Finding("home", "good", f"{home} will be made when it is needed")
    if not home.is_dir() or not os.access(home, os.W_OK | os.X_OK):
        return Finding("home", "bad", f"{home} cannot be written to", "Give yourself the right to, or set NAAST_HOME.")
    if found := open_to_others(home):
        names = ", ".join(path.name for path in found)
        return Finding("home", "bad", f"others on this machine can reach {names} in it", f"chmod -R go-rwx {home}")
    return Finding("home", "good", str(home))


def secret(settings: Settings) -> Finding:
    from services.house.parts import SECRETS, HouseError, secrets_of

    path = settings.home / SECRETS
    if settings.secret is None and settings.database_url is None and not path.exists():
        return Finding("secret", "good", "will be made once and kept in home")
    try:
        secrets_of(settings)
    except HouseError as error:
        return Finding("secret", "bad", str(error), "Make one: head -c 32 /dev/urandom | base64")
    if settings.secret is not None:
        return Finding("secret", "good", "from NAAST_SECRET")
    return Finding("secret", "good", f"kept in {path}; back it up with the databases")


async def broker(settings: Settings) -> Finding:
    """Whether it answers, is spoken to in the clear, and lets anybody say anything."""
    from shared.transport import broker_in_the_clear, is_on_this_machine

    if settings.amqp_url is None:
        return Finding("broker", "good", "not used: all services work in one process")
    if clear := broker_in_the_clear(settings):
        return Finding("broker", "bad", clear.says, clear.do)
    url = settings.amqp_url.get_secret_value()
    try:
        forged = await _can_be_forged(url)
    except Exception as error:
        reason = type(error).__name__
        return Finding("broker", "bad", f"RabbitMQ does not answer ({reason})", "Start it, or correct NAAST_AMQP_URL.")
    if not forged:
        return Finding("broker", "good", "RabbitMQ answers, and lets each service say only what is its own")
    says = f"RabbitMQ answers; {forged}, so that facts can be forged by whoever has an account"
    is_private = settings.private_broker or is_on_this_machine(urlsplit(url).hostname)
    return Finding("broker", "look" if is_private else "bad", says, _BIND)


_BIND = "Import what naast broker definitions prints, and give each service its own account in NAAST_AMQP_URL."


async def _can_be_forged(url: str) -> str:
    """Why facts can be forged on this broker; empty when they cannot."""
    import aio_pika

    from shared.bus.accounts import account_in, may_say_anything
    from shared.messages import SERVICES

    await (await aio_pika.connect(url, timeout=5)).close()
    own = next((name for name in SERVICES if account_in(url, name).is_own), None)
    if own is None:
        return "this account is shared by all services"
    return "this account may speak for other services" if await may_say_anything(url, own) else ""


async def mail(settings: Settings) -> Finding:
    if settings.smtp_url is None:
        return Finding("mail", "look", "no mail server is set, so no notice leaves", "Set NAAST_SMTP_URL.")
    from services.intake.doors.mail.line import Away, InTheClear
    from services.intake.doors.mail.post import post_of

    post = post_of(settings)
    assert post is not None
    try:
        await asyncio.wait_for(post.open(), 5)
    except InTheClear:
        says = "the mail server offers no encryption, so letters wait"
        return Finding("mail", "bad", says, "Let it offer STARTTLS, or use smtps://; see NAAST_PRIVATE_NETWORK.")
    except (Away, TimeoutError):
        says = "the mail server does not answer, its certificate is not good, or it does not know the account"
        return Finding("mail", "bad", says, "Start it, or correct NAAST_SMTP_URL.")
    finally:
        await post.close()
    return Finding("mail", "good", "the mail server answers")
