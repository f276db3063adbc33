from django.db import models


class OrganizationKey(models.Model):
    """The public half of an organization's sealing key. The portal may read it, and never replace it."""

    pk = models.CompositePrimaryKey("organization_id", "version")
    organization_id = models.UUIDField()
    version = models.IntegerField()
    suite = models.CharField(max_length=80)
    public_key = models.BinaryField()
    created_at = models.DateTimeField()


class WrappedKey(models.Model):
    """The private half, wrapped by the worker's root key. Readable by the worker only."""

    pk = models.CompositePrimaryKey("organization_id", "version")
    organization_id = models.UUIDField()
    version = models.IntegerField()
    root_key_id = models.CharField(max_length=32)
    wrapped = models.BinaryField()


class SealedCredential(models.Model):
    """A source's credential, sealed. The portal inserts and cannot read back; the newest counts."""

    pk = models.CompositePrimaryKey("organization_id", "id")
    organization_id = models.UUIDField()
    id = models.UUIDField()
    integration_id = models.UUIDField()
    field = models.CharField(max_length=60)
    key_version = models.IntegerField()
    sealed = models.BinaryField()
    sealed_at = models.DateTimeField()
    sealed_by = models.UUIDField(null=True)
