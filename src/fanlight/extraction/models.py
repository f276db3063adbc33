from django.db import models
from django.db.models import Q


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
    purpose = models.CharField(max_length=20)
    trigger = models.CharField(max_length=20)
    state = models.CharField(max_length=20)
    requested_at = models.DateTimeField()
    requested_by = models.UUIDField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    attempt = models.IntegerField()
    phase = models.CharField(max_length=40)
    done = models.BigIntegerField()
    total = models.BigIntegerField(null=True)
    product = models.TextField()
    phases = models.JSONField()
    changes = models.JSONField()
    statements = models.IntegerField()
    rows = models.BigIntegerField()
    size_bytes = models.BigIntegerField()
    not_seen_count = models.IntegerField()
    not_seen = models.JSONField()
    approval_of = models.UUIDField(null=True)
    removals = models.BigIntegerField()
    removals_of = models.BigIntegerField()
    error_code = models.CharField(max_length=80)
    error_detail = models.TextField()
    error_remedy = models.TextField()

    class Meta:
        constraints = [
            # Two runs of one integration never overlap: the database itself refuses the second.
            models.UniqueConstraint(
                fields=["organization_id", "integration_id"],
                condition=Q(state__in=["queued", "running"], purpose="extraction"),
                name="extraction_run_one_at_a_time",
            ),
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
