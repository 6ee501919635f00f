"""What the operator sets, all `NAAST_*` in the environment or in `.env`."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Unset means embedded: one SQLite file per service in `home`, all services in one process."""

    model_config = SettingsConfigDict(env_prefix="NAAST_", env_file=".env", extra="ignore", frozen=True)

    home: Path = Field(default=Path.home() / ".naast", description="Where an embedded house keeps its databases.")
    hospitals: Path = Field(default=Path("deploy/hospitals"), description="Root of the hospital folders.")
    database_url: SecretStr | None = Field(
        default=None, description="PostgreSQL, as postgresql+asyncpg://…; unset: SQLite in home."
    )
    amqp_url: SecretStr | None = Field(
        default=None, description="RabbitMQ, as amqp://…; unset: everything in one process."
    )
    erased: Path | None = Field(
        default=None,
        description="The list that erases again what a restored backup brings back; unset: the file erased in home.",
    )
    url: str | None = Field(
        default=None, description="Where a running deployment answers; or a list 'intake=http://…,matching=http://…'."
    )
    key: SecretStr | None = Field(default=None, description="The key that the command line uses.")
    secret: SecretStr | None = Field(
        default=None, description="Turns staff numbers into refs; unset: made once and kept in home."
    )
    old_secrets: SecretStr | None = Field(
        default=None, description="Those that NAAST_SECRET replaced, the newest first, separated by spaces."
    )
    smtp_url: SecretStr | None = Field(
        default=None, description="smtp://user:password@host:port; unset: notices are not sent."
    )
    private_network: bool = Field(
        default=False,
        description="Nobody else reaches the network of mail server, broker and database: they may do without TLS.",
    )
    private_broker: bool = Field(
        default=False,
        description="Nobody else reaches the broker: services may share an account, by which facts can be forged.",
    )
    mail_from: str = "naast@localhost"
    public_url: str = Field(default="http://127.0.0.1:8400", description="What links in notices start with.")
    host: str = "127.0.0.1"
    port: int = 8400
    budget: float = Field(
        default=1, ge=0, description="How much a key or an address may ask, as a multiple of the usual; 0: any amount."
    )
    proxies: str = Field(
        default="127.0.0.1",
        description="Reverse proxies that are believed when they say where a request comes from, comma separated.",
    )
    log_level: str = "INFO"
    keep_journal: int = Field(
        default=730,
        ge=180,
        le=36500,
        description="Days that what a service said is kept: it answers a command that comes again and tells why this "
        "supporter was asked, so longer than a case is open and a backup is kept.",
    )
    keep_received: int = Field(
        default=730,
        ge=180,
        le=36500,
        description="Days by which a report or command that comes again is known: as long as its answer is.",
    )
    keep_positions: int = Field(
        default=730,
        ge=180,
        le=36500,
        description="Days after an erasure that late is told from early: longer than a queue or backup holds messages.",
    )
    keep_dead_letters: int = Field(
        default=365,
        ge=30,
        le=36500,
        description="Days that what was set aside or refused waits for somebody who takes it up.",
    )
    keep_access_log: int = Field(
        default=1826,
        ge=365,
        le=36500,
        description="Days that who looked, and who changed keys or the staff list, is known: five years, as NEN 7513.",
    )
    keep_keys: int = Field(
        default=90, ge=1, le=36500, description="Days that a key or link that has ended is still listed."
    )
    durable: bool = Field(default=True, description="False: SQLite does not wait for the disk; for simulations only.")
