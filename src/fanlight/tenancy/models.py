from django.db import models


class Organization(models.Model):
    """A customer. The directory of organizations is global: it is read before one is chosen."""

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField()
