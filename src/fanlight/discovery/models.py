from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class Entry(models.Model):
    """What search knows of an asset or a column. locator: below the integration. words: of the name, then the comment.

    asset_id: the asset itself, or the relation that a column belongs to. reversed: the lower-case locator backwards,
    so that a typed end of a path is a prefix.
    """

    pk = models.CompositePrimaryKey("organization_id", "id")
    organization_id = models.UUIDField()
    id = models.UUIDField()
    asset_id = models.UUIDField()
    integration_id = models.UUIDField()
    kind = models.CharField(max_length=40)
    name = models.TextField()
    lower_name = models.TextField()
    locator = models.TextField()
    reversed = models.TextField()
    words = SearchVectorField()

    class Meta:
        indexes = [
            models.Index("organization_id", "asset_id", name="discovery_entry_asset"),
            GinIndex("words", name="discovery_entry_words"),
        ]
