"""What the overview counts, the tally of erased cases, and nothing any more of who said no."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MISSED = sa.text("type = 'clock_missed'")
_ASKS = "('supporter_asked', 'ask_accepted', 'ask_declined', 'ask_expired', 'ask_withdrawn', 'replacement_needed')"


def upgrade() -> None:
    with op.batch_alter_table("case") as case:
        case.add_column(sa.Column("ending", sa.String(), nullable=False, server_default=""))
        case.add_column(sa.Column("extensions", sa.Integer(), nullable=False, server_default="0"))
        case.add_column(sa.Column("erased", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("case") as case:
        for name in ("ending", "extensions", "erased"):
            case.alter_column(name, server_default=None)
    op.create_table(
        "tally",
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("said", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hospital", "id", name=op.f("pk_tally")),
    )
    op.create_index("ix_told_missed", "told", ["hospital", "at"], postgresql_where=_MISSED, sqlite_where=_MISSED)
    op.execute(f"update told set data = '{{}}' where type in {_ASKS}")


def downgrade() -> None:
    op.drop_index("ix_told_missed", table_name="told", postgresql_where=_MISSED, sqlite_where=_MISSED)
    op.drop_table("tally")
    with op.batch_alter_table("case") as case:
        case.drop_column("erased")
        case.drop_column("extensions")
        case.drop_column("ending")
