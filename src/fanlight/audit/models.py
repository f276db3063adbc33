from django.db import models


class AuditHead(models.Model):
    """The last number given in an organization. Its row's lock is what makes the numbers gapless."""

    organization_id = models.UUIDField(primary_key=True)
    last_sequence = models.BigIntegerField()


class AuditEvent(models.Model):
    """One act. `encoded` is the whole event in canonical form: what proofs will be made over."""

    pk = models.CompositePrimaryKey("organization_id", "sequence")
    organization_id = models.UUIDField()
    sequence = models.BigIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=80)
    encoded = models.BinaryField()
