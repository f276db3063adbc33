from django.db import models
from django.db.models import F, Q

from fanlight.tenancy.migration import sane


class Run(models.Model):
    """One extraction of one integration, from the request to its end.

    lease and heartbeat_at say which process works on it and that it still lives. phases: milliseconds by name.
    purpose: 'extraction', or 'test' and 'control', which only send a few statements and so keep a ledger too.
    approval_of: the run whose proposed removals this one may carry out; removals: how many it proposes itself.
    """

    pk = models.CompositePrimaryKey("organization_id", "id")
    organization_id = models.UUIDField()
    id = models.UUIDField()
    integration_id = models.UUIDField()
    purpose = models.CharField(max_length=20, db_default="extraction")
    trigger = models.CharField(max_length=20)
    state = models.CharField(max_length=20, db_default="queued")
    requested_at = models.DateTimeField()
    requested_by = models.UUIDField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    attempt = models.IntegerField(db_default=0)
    phase = models.CharField(max_length=40, db_default="waiting")
    done = models.BigIntegerField(db_default=0)
    total = models.BigIntegerField(null=True)
    product = models.TextField(db_default="")
    phases = models.JSONField(db_default={})
    changes = models.JSONField(db_default={})
    statements = models.IntegerField(db_default=0)
    rows = models.BigIntegerField(db_default=0)
    size_bytes = models.BigIntegerField(db_default=0)
    not_seen_count = models.IntegerField(db_default=0)
    not_seen = models.JSONField(db_default=[])
    approval_of = models.UUIDField(null=True)
    removals = models.BigIntegerField(db_default=0)
    removals_of = models.BigIntegerField(db_default=0)
    error_code = models.CharField(max_length=80, db_default="")
    error_detail = models.TextField(db_default="")
    error_remedy = models.TextField(db_default="")

    class Meta:
        constraints = [
            # Two runs of one integration never overlap: the database itself refuses the second.
            models.UniqueConstraint(
                fields=["organization_id", "integration_id"],
                condition=Q(state__in=["queued", "running"], purpose="extraction"),
                name="extraction_run_one_at_a_time",
            ),
            # A row that nobody could read would stop the dispatcher for every organization.
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "succeeded", "failed", "stopped", "held"]),
                name="extraction_run_state",
            ),
            models.CheckConstraint(
                condition=Q(trigger__in=["person", "schedule", "retry", "approval"]),
                name="extraction_run_trigger",
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=["extraction", "test", "control"]), name="extraction_run_purpose"
            ),
            models.CheckConstraint(condition=~Q(approval_of=F("id")), name="extraction_run_approval"),
            models.CheckConstraint(condition=sane("requested_at"), name="extraction_run_requested_at"),
        ]
        indexes = [
            models.Index("organization_id", "integration_id", "requested_at", name="extraction_run_recent"),
            # Across organizations, for the doorway that says whose turn it is.
            models.Index(
                fields=["requested_at"],
                condition=Q(state__in=["queued", "running"], purpose="extraction"),
                name="extraction_run_waiting",
            ),
        ]


class StopRequest(models.Model):
    """Somebody wants a run to end now. A row of its own: whoever asks never waits for the run's own row.

    reason: 'cancelled', 'paused' or 'deleted'.
    """

    pk = models.CompositePrimaryKey("organization_id", "run_id")
    organization_id = models.UUIDField()
    run_id = models.UUIDField()
    asked_at = models.DateTimeField()
    asked_by = models.UUIDField(null=True)
    reason = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__in=["cancelled", "paused", "deleted"]),
                name="extraction_stoprequest_reason",
            ),
        ]


class Approval(models.Model):
    """Somebody has looked at what a run would remove, and let it. The worker reads it again before it does."""

    pk = models.CompositePrimaryKey("organization_id", "run_id")
    organization_id = models.UUIDField()
    run_id = models.UUIDField()
    approved_at = models.DateTimeField()
    approved_by = models.UUIDField(null=True)


class LedgerLine(models.Model):
    """One statement that was sent to a source."""

    pk = models.CompositePrimaryKey("organization_id", "run_id", "number")
    organization_id = models.UUIDField()
    run_id = models.UUIDField()
    number = models.IntegerField()
    statement = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    source = models.TextField()
    started_at = models.DateTimeField()
    milliseconds = models.FloatField()
    rows = models.BigIntegerField()
    size_bytes = models.BigIntegerField()
    error = models.CharField(max_length=5)
