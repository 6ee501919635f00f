"""What is erased."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_access_key_hospital_case"), "access_key", ["hospital", "case"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_access_key_hospital_case"), table_name="access_key")
