"""Plans of large events, and which cases wait."""

import sqlalchemy as sa
from alembic import op

import shared.db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan",
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("said", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", shared.db.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("hospital", "id", name=op.f("pk_plan")),
    )
    op.create_index(op.f("ix_plan_hospital_made_at"), "plan", ["hospital", "made_at"], unique=False)
    op.create_table(
        "waiting",
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("said", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hospital", "id", name=op.f("pk_waiting")),
    )


def downgrade() -> None:
    op.drop_table("waiting")
    op.drop_index(op.f("ix_plan_hospital_made_at"), table_name="plan")
    op.drop_table("plan")
