"""Keys, who made or ended them, and who looked at whom."""

import sqlalchemy as sa
from alembic import op

import shared.db

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
#: Whether a process that does not know this migration can work with what it leaves, as when it only adds something.
OLDER_CODE_MAY_GO_ON = False


def upgrade() -> None:
    op.create_table(
        "access_key",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("case", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("created_at", shared.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", shared.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", shared.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("used_at", shared.db.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_access_key")),
        sa.UniqueConstraint("id", name=op.f("uq_access_key_id")),
    )
    op.create_index(op.f("ix_access_key_hospital_case"), "access_key", ["hospital", "case"], unique=False)
    op.create_index(op.f("ix_access_key_hospital_role"), "access_key", ["hospital", "role"], unique=False)
    op.create_table(
        "audit",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("by_role", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", shared.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_hospital_at"), "audit", ["hospital", "at"], unique=False)
    op.create_table(
        "look",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("hospital", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("by_role", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("at", shared.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", "n", name=op.f("pk_look")),
    )
    op.create_index(op.f("ix_look_hospital_about"), "look", ["hospital", "about"], unique=False)
    op.create_index(op.f("ix_look_hospital_at"), "look", ["hospital", "at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_look_hospital_at"), table_name="look")
    op.drop_index(op.f("ix_look_hospital_about"), table_name="look")
    op.drop_table("look")
    op.drop_index(op.f("ix_audit_hospital_at"), table_name="audit")
    op.drop_table("audit")
    op.drop_index(op.f("ix_access_key_hospital_role"), table_name="access_key")
    op.drop_index(op.f("ix_access_key_hospital_case"), table_name="access_key")
    op.drop_table("access_key")
