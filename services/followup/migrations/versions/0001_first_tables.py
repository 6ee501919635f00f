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
        "case",
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("supporter", sa.String(), nullable=False),
        sa.Column("t0", shared.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("offered_at", shared.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("first_contact_at", shared.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("tasks", sa.Integer(), nullable=False),
        sa.Column("ending", sa.String(), nullable=False),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.Column("erased", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "status in ('unknown', 'offered', 'matched', 'in_contact', 'paused', 'closed')", name=op.f("ck_case_status")
        ),
        sa.PrimaryKeyConstraint("hospital", "id", name=op.f("pk_case")),
    )
    op.create_index(
        op.f("ix_case_hospital_status_offered_at"), "case", ["hospital", "status", "offered_at"], unique=False
    )
    op.create_index(op.f("ix_case_hospital_supporter"), "case", ["hospital", "supporter"], unique=False)
    op.create_index(
        "ix_case_tasks",
        "case",
        ["hospital"],
        unique=False,
        postgresql_where=sa.text("tasks > 0"),
        sqlite_where=sa.text("tasks > 0"),
    )
    op.create_table(
        "tally",
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hospital", "id", name=op.f("pk_tally")),
    )
    op.create_table(
        "told",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("case", sa.String(), nullable=False),
        sa.Column("at", shared.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("publisher", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_told")),
    )
    op.create_index(op.f("ix_told_hospital_case_at"), "told", ["hospital", "case", "at"], unique=False)
    op.create_index(
        "ix_told_missed",
        "told",
        ["hospital", "at"],
        unique=False,
        postgresql_where=sa.text("type = 'clock_missed'"),
        sqlite_where=sa.text("type = 'clock_missed'"),
    )
    op.create_table(
        "waiting",
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tasks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hospital", "id", name=op.f("pk_waiting")),
    )
    op.create_index(
        "ix_waiting_tasks",
        "waiting",
        ["hospital"],
        unique=False,
        postgresql_where=sa.text("tasks > 0"),
        sqlite_where=sa.text("tasks > 0"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_waiting_tasks",
        table_name="waiting",
        postgresql_where=sa.text("tasks > 0"),
        sqlite_where=sa.text("tasks > 0"),
    )
    op.drop_table("waiting")
    op.drop_index(
        "ix_told_missed",
        table_name="told",
        postgresql_where=sa.text("type = 'clock_missed'"),
        sqlite_where=sa.text("type = 'clock_missed'"),
    )
    op.drop_index(op.f("ix_told_hospital_case_at"), table_name="told")
    op.drop_table("told")
    op.drop_table("tally")
    op.drop_index(
        "ix_case_tasks", table_name="case", postgresql_where=sa.text("tasks > 0"), sqlite_where=sa.text("tasks > 0")
    )
    op.drop_index(op.f("ix_case_hospital_supporter"), table_name="case")
    op.drop_index(op.f("ix_case_hospital_status_offered_at"), table_name="case")
    op.drop_table("case")
    history.undo_first()
