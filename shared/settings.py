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
    log_level: str = "INFO"
    durable: bool = Field(default=True, description="False: SQLite does not wait for the disk; for simulations only.")
