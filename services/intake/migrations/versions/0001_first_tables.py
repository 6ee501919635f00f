"""First tables."""

import sqlalchemy as sa
from alembic import op

import shared.db

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_log",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("case", sa.String(), nullable=False),
        sa.Column("by_role", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("at", shared.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_log")),
    )
    op.create_index(op.f("ix_access_log_hospital_at"), "access_log", ["hospital", "at"], unique=False)
    op.create_table(
        "contact",
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("staff_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("function", sa.String(), nullable=False),
        sa.Column("mail", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("hospital", "staff", name=op.f("pk_contact")),
        sa.UniqueConstraint("hospital", "staff_id", name=op.f("uq_contact_hospital_staff_id")),
    )
    op.create_table(
        "dead_letter",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", shared.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("event", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letter")),
    )
    op.create_table(
        "headcount",
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("said", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hospital", "id", name=op.f("pk_headcount")),
    )
    op.create_table(
        "heard",
        sa.Column("publisher", sa.String(), nullable=False),
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("parked", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("publisher", "hospital", "subject", name=op.f("pk_heard")),
    )
    op.create_table(
        "journal",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("due_at", shared.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("event", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal")),
    )
    op.create_index(op.f("ix_journal_hospital_subject"), "journal", ["hospital", "subject"], unique=False)
    op.create_table(
        "link",
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("said", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hospital", "id", name=op.f("pk_link")),
    )
    op.create_table(
        "parked",
        sa.Column("publisher", sa.String(), nullable=False),
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", shared.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("publisher", "hospital", "subject", "sequence", name=op.f("pk_parked")),
    )
    op.create_index(op.f("ix_parked_at"), "parked", ["at"], unique=False)
    op.create_table(
        "pending",
        sa.Column("due_at", shared.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("destination", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("due_at", "seq", "destination", name=op.f("pk_pending")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pool",
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hospital", name=op.f("pk_pool")),
    )
    op.create_table(
        "quarantine",
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("at", shared.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hospital", "digest", "path", "reason", name=op.f("pk_quarantine")),
    )
    op.create_index(op.f("ix_quarantine_hospital_at"), "quarantine", ["hospital", "at"], unique=False)
    op.create_table(
        "received",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("at", shared.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_received")),
    )
    op.create_table(
        "report",
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("said", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("received_at", shared.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("due_at", shared.db.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("hospital", "id", name=op.f("pk_report")),
    )
    op.create_index(
        "ix_report_due",
        "report",
        ["hospital", "due_at"],
        unique=False,
        postgresql_where=sa.text("waiting"),
        sqlite_where=sa.text("waiting"),
    )
    op.create_index(op.f("ix_report_hospital_received_at"), "report", ["hospital", "received_at"], unique=False)
    op.create_table(
        "staff",
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("said", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hospital", "id", name=op.f("pk_staff")),
    )
    op.create_table(
        "strike",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("destination", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("seq", "destination", name=op.f("pk_strike")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.schema.CreateSequence(sa.Sequence("journal_block")))


def downgrade() -> None:
    op.drop_table("strike")
    op.drop_table("staff")
    op.drop_index(op.f("ix_report_hospital_received_at"), table_name="report")
    op.drop_index(
        "ix_report_due", table_name="report", postgresql_where=sa.text("waiting"), sqlite_where=sa.text("waiting")
    )
    op.drop_table("report")
    op.drop_table("received")
    op.drop_index(op.f("ix_quarantine_hospital_at"), table_name="quarantine")
    op.drop_table("quarantine")
    op.drop_table("pool")
    op.drop_table("pending")
    op.drop_index(op.f("ix_parked_at"), table_name="parked")
    op.drop_table("parked")
    op.drop_table("link")
    op.drop_index(op.f("ix_journal_hospital_subject"), table_name="journal")
    op.drop_table("journal")
    op.drop_table("heard")
    op.drop_table("headcount")
    op.drop_table("dead_letter")
    op.drop_table("contact")
    op.drop_index(op.f("ix_access_log_hospital_at"), table_name="access_log")
    op.drop_table("access_log")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.schema.DropSequence(sa.Sequence("journal_block")))
