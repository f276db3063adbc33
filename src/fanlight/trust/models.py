from django.db import models
from django.db.models.functions import Now


class CurrentUser(models.Func):
    """The database role of the session, as the database knows it."""

    template = "CURRENT_USER"
    output_field = models.TextField()


class Result(models.Model):
    """What a control found at one moment.

    recorded_at and recorded_by are the database's own: no role may insert them, so that no process can speak for
    another or for another day. evidence: for everybody. findings: for the operator only.
    """

    promise = models.CharField(max_length=8)
    state = models.CharField(max_length=20)
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.TextField(db_default=CurrentUser())
    milliseconds = models.IntegerField()
    evidence = models.JSONField()
    findings = models.JSONField()

    class Meta:
        indexes = [
            models.Index("promise", "recorded_by", "recorded_at", name="trust_result_history"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["proven", "broken", "not exercised", "unknown"]),
                name="trust_result_state",
            ),
        ]
