"""What is erased."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasing",
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("hospital", "subject", name=op.f("pk_erasing")),
    )
    op.create_table(
        "mention",
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("hospital", "subject", "seq", name=op.f("pk_mention")),
    )


def downgrade() -> None:
    op.drop_table("mention")
    op.drop_table("erasing")
