"""First tables."""

import sqlalchemy as sa
from alembic import op

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
        "coverage",
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hospital", "id", name=op.f("pk_coverage")),
    )
    op.create_table(
        "supporter",
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "standing in ('ready', 'suspended', 'nominated', 'left', 'none')", name=op.f("ck_supporter_standing")
        ),
        sa.PrimaryKeyConstraint("hospital", "id", name=op.f("pk_supporter")),
    )
    op.create_index(
        op.f("ix_supporter_hospital_standing_due_on"), "supporter", ["hospital", "standing", "due_on"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_supporter_hospital_standing_due_on"), table_name="supporter")
    op.drop_table("supporter")
    op.drop_table("coverage")
    history.undo_first()
