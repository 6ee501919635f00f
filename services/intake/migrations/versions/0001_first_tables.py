"""First tables."""

import sqlalchemy as sa
from alembic import op

import shared.db
from shared.engine import history

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
#: Whether a process that does not know this migration can work with what it leaves, as when it only adds something.
OLDER_CODE_MAY_GO_ON = False


def upgrade() -> None:
    history.first()
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
        "headcount",
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hospital", "id", name=op.f("pk_headcount")),
    )
    op.create_table(
        "link",
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hospital", "id", name=op.f("pk_link")),
    )
    op.create_table(
        "quarantine",
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("at", shared.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("hospital", "digest", "path", "reason", name=op.f("pk_quarantine")),
    )
    op.create_index(op.f("ix_quarantine_hospital_at"), "quarantine", ["hospital", "at"], unique=False)
    op.create_table(
        "report",
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
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
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hospital", "id", name=op.f("pk_staff")),
    )


def downgrade() -> None:
    op.drop_table("staff")
    op.drop_index(op.f("ix_report_hospital_received_at"), table_name="report")
    op.drop_index(
        "ix_report_due", table_name="report", postgresql_where=sa.text("waiting"), sqlite_where=sa.text("waiting")
    )
    op.drop_table("report")
    op.drop_index(op.f("ix_quarantine_hospital_at"), table_name="quarantine")
    op.drop_table("quarantine")
    op.drop_table("link")
    op.drop_table("headcount")
    op.drop_table("contact")
    history.undo_first()
