from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class Entry(models.Model):
    """What search knows of an asset or a column. words: `docs/decisions/0018` says what is in them.

    asset_id: the asset itself, or the relation that a column belongs to. id: of the asset or the column. name: without
    the types of a function's arguments. word_count: of the name. prior: how much it matters beside what was typed.
    path: of an asset, below the integration, in lower case and without quotes.
    """

    pk = models.CompositePrimaryKey("organization_id", "asset_id", "id")
    organization_id = models.UUIDField()
    asset_id = models.UUIDField()
    id = models.UUIDField()
    is_column = models.BooleanField()
    word_count = models.SmallIntegerField()
    prior = models.FloatField()
    name = models.TextField()
    path = models.TextField(null=True)
    words = SearchVectorField()

    class Meta:
        indexes = [
            GinIndex("words", name="discovery_entry_assets", condition=models.Q(is_column=False)),
            GinIndex("words", name="discovery_entry_columns", condition=models.Q(is_column=True)),
        ]


class Word(models.Model):
    """A word of an integration's names and comments, and in how many of either it is.

    What is typed is held against these: whether it is a word, begins one, or is one mistyped.
    """

    pk = models.CompositePrimaryKey("organization_id", "word", "integration_id")
    organization_id = models.UUIDField()
    word = models.TextField(db_collation="C")
    integration_id = models.UUIDField()
    names = models.IntegerField()
    comments = models.IntegerField()
