from django.db import models


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

    class Meta:
        constraints = [
            models.UniqueConstraint("organization_id", "name", name="integrations_integration_name"),
        ]
