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
        sa.Column("asked", sa.String(), nullable=False),
        sa.Column("offered_at", shared.db.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'asked') <= (asked <> '')", name=op.f("ck_case_asked")),
        sa.CheckConstraint(
            "status in ('new', 'asked', 'matched', 'failed', 'resting', 'over')", name=op.f("ck_case_status")
        ),
        sa.PrimaryKeyConstraint("hospital", "id", name=op.f("pk_case")),
    )
    op.create_index(
        "ix_case_asked",
        "case",
        ["hospital", "asked"],
        unique=False,
        postgresql_where=sa.text("asked <> ''"),
        sqlite_where=sa.text("asked <> ''"),
    )
    op.create_index(
        op.f("ix_case_hospital_status_offered_at"), "case", ["hospital", "status", "offered_at"], unique=False
    )
    op.create_table(
        "plan",
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", shared.db.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("hospital", "id", name=op.f("pk_plan")),
    )
    op.create_index(op.f("ix_plan_hospital_made_at"), "plan", ["hospital", "made_at"], unique=False)
    op.create_table(
        "supporter",
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.CheckConstraint(
            "standing in ('ready', 'suspended', 'unqualified', 'left', 'none')", name=op.f("ck_supporter_standing")
        ),
        sa.PrimaryKeyConstraint("hospital", "id", name=op.f("pk_supporter")),
    )
    op.create_index(op.f("ix_supporter_hospital_standing"), "supporter", ["hospital", "standing"], unique=False)
    op.create_table(
        "waiting",
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hospital", "id", name=op.f("pk_waiting")),
    )


def downgrade() -> None:
    op.drop_table("waiting")
    op.drop_index(op.f("ix_supporter_hospital_standing"), table_name="supporter")
    op.drop_table("supporter")
    op.drop_index(op.f("ix_plan_hospital_made_at"), table_name="plan")
    op.drop_table("plan")
    op.drop_index(op.f("ix_case_hospital_status_offered_at"), table_name="case")
    op.drop_index(
        "ix_case_asked", table_name="case", postgresql_where=sa.text("asked <> ''"), sqlite_where=sa.text("asked <> ''")
    )
    op.drop_table("case")
    history.undo_first()
