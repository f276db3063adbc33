from django.db import models
from django.db.models import Q

from fanlight.tenancy.migration import sane


class Integration(models.Model):
    """A configured source. Its secret is not here: it is sealed, in the vault."""

    pk = models.CompositePrimaryKey("organization_id", "id")
    organization_id = models.UUIDField()
    id = models.UUIDField()
    name = models.CharField(max_length=100)
    connector = models.CharField(max_length=40)
    settings = models.JSONField()
    created_at = models.DateTimeField()
    created_by = models.UUIDField(null=True)
    test_state = models.CharField(max_length=20)
    test_requested_at = models.DateTimeField(null=True)
    tested_at = models.DateTimeField(null=True)
    test_report = models.JSONField(null=True)
    test_error = models.JSONField(null=True)
    paused_at = models.DateTimeField(null=True)
    paused_by = models.UUIDField(null=True)
    deleted_at = models.DateTimeField(null=True)
    deleted_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            # The name of one that is being erased is free again.
            models.UniqueConstraint(
                fields=["organization_id", "name"],
                condition=Q(deleted_at=None),
                name="integrations_integration_name",
            ),
            models.CheckConstraint(
                condition=Q(test_state__in=["untested", "testing", "passed", "failed"]),
                name="integrations_integration_test_state",
            ),
        ]
        indexes = [
            # Across organizations, for the doorway that says what is to be erased.
            models.Index(
                fields=["deleted_at"],
                condition=Q(deleted_at__isnull=False),
                name="integrations_integration_del",
            ),
        ]


class Schedule(models.Model):
    """When an integration is extracted by itself, and what became of the latest attempts.

    cron: five fields, in UTC; empty: only when asked for. next_at: when the dispatcher asks for it next, None: not
    by itself. failures, refusals: failed runs, and refusals of the credential, since the last success.
    stopped_at, stopped_reason: since when and why it is not repeated until somebody sees to it (a code).
    """

    pk = models.CompositePrimaryKey("organization_id", "integration_id")
    organization_id = models.UUIDField()
    integration_id = models.UUIDField()
    cron = models.CharField(max_length=100)
    next_at = models.DateTimeField(null=True)
    failures = models.IntegerField()
    refusals = models.IntegerField()
    stopped_at = models.DateTimeField(null=True)
    stopped_reason = models.CharField(max_length=80)

    class Meta:
        indexes = [
            # Across organizations, for the dispatcher's doorway.
            models.Index(
                fields=["next_at"], condition=Q(next_at__isnull=False), name="integrations_schedule_due"
            ),
        ]
        constraints = [
            # A row that nobody could read would stop the dispatcher for every organization.
            models.CheckConstraint(
                condition=Q(next_at=None) | sane("next_at"), name="integrations_schedule_next_at"
            ),
            models.CheckConstraint(
                condition=Q(cron__regex=r"^[0-9*,/ -]*$"), name="integrations_schedule_cron"
            ),
            models.CheckConstraint(
                condition=Q(failures__range=(0, 1000), refusals__range=(0, 1000)),
                name="integrations_schedule_counts",
            ),
        ]


class PrivilegeReport(models.Model):
    """What a credential could do at its source, from the moment that this was found until it was found otherwise.

    databases: by database, `connectors.types.Privileges` as JSON. run_id: the run or test that found it last.
    """

    pk = models.CompositePrimaryKey("organization_id", "id")
    organization_id = models.UUIDField()
    id = models.UUIDField()
    integration_id = models.UUIDField()
    found_at = models.DateTimeField()
    checked_at = models.DateTimeField()
    run_id = models.UUIDField(null=True)
    sentence = models.TextField()
    is_excessive = models.BooleanField()
    databases = models.JSONField()
    digest = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index("organization_id", "integration_id", "found_at", name="integrations_privileges"),
        ]


class Policy(models.Model):
    """What an organization has decided about its sources. on_excess: 'warn' or 'refuse'."""

    organization_id = models.UUIDField(primary_key=True)
    on_excess = models.CharField(max_length=20)
