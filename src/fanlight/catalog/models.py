from django.db import models


class Asset(models.Model):
    """A database, schema, relation or type of a source.

    locator: the dotted path below the integration; parent: that of what holds it. digest: BLAKE2b-128 over all
    that is stored about the asset and its columns, estimates excepted. gone_approved: whether a person had let it go.
    """

    pk = models.CompositePrimaryKey("organization_id", "id")
    organization_id = models.UUIDField()
    id = models.UUIDField()
    integration_id = models.UUIDField()
    kind = models.CharField(max_length=40)
    locator = models.TextField()
    parent = models.TextField()
    name = models.TextField()
    comment = models.TextField(null=True)
    facts = models.JSONField()
    column_count = models.IntegerField()
    digest = models.BinaryField()
    not_seen = models.CharField(max_length=20)
    created_run_id = models.UUIDField()
    changed_run_id = models.UUIDField()
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)
    gone_approved = models.BooleanField(db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "organization_id", "integration_id", "locator", name="catalog_asset_locator"
            ),
        ]
        indexes = [
            models.Index(
                "organization_id", "integration_id", "parent", "name", name="catalog_asset_children"
            ),
        ]


class Column(models.Model):
    """A column of a relation, in the source's order."""

    pk = models.CompositePrimaryKey("organization_id", "id")
    organization_id = models.UUIDField()
    id = models.UUIDField()
    asset_id = models.UUIDField()
    name = models.TextField()
    position = models.IntegerField()
    type = models.TextField()
    is_nullable = models.BooleanField()
    default = models.TextField(null=True)
    comment = models.TextField(null=True)
    extra = models.JSONField(null=True)
    created_run_id = models.UUIDField()
    changed_run_id = models.UUIDField()
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("organization_id", "asset_id", "name", name="catalog_column_name"),
        ]


class Statistic(models.Model):
    """The source's own estimates of a relation, apart from the asset so that they never make it 'changed'."""

    pk = models.CompositePrimaryKey("organization_id", "asset_id")
    organization_id = models.UUIDField()
    asset_id = models.UUIDField()
    row_estimate = models.BigIntegerField(null=True)
    size_bytes = models.BigIntegerField(null=True)
    measured_at = models.DateTimeField()


class Arrival(models.Model):
    """What a run is bringing, until its merge. Unlogged, the worker's alone, emptied at the merge.

    By the lease of the attempt that brings it: a process that was overtaken touches its own arrivals only.

    columns: a JSON array of `connectors.types.COLUMN_FIELDS` lists. An asset whose digest is stored already
    arrives without its facts and columns.
    """

    pk = models.CompositePrimaryKey("organization_id", "lease", "locator")
    organization_id = models.UUIDField()
    lease = models.UUIDField()
    integration_id = models.UUIDField()
    locator = models.TextField()
    id = models.UUIDField()
    kind = models.CharField(max_length=40)
    parent = models.TextField()
    name = models.TextField()
    comment = models.TextField(null=True)
    digest = models.BinaryField()
    not_seen = models.CharField(max_length=20)
    row_estimate = models.BigIntegerField(null=True)
    size_bytes = models.BigIntegerField(null=True)
    facts = models.JSONField(null=True)
    columns = models.JSONField(null=True)
    column_ids = models.JSONField(null=True)
    column_count = models.IntegerField()

    class Meta:
        indexes = [models.Index("organization_id", "lease", "id", name="catalog_arrival_id")]


class Departure(models.Model):
    """An asset that a run found gone. Until somebody approves, where there are suspiciously many of them."""

    pk = models.CompositePrimaryKey("organization_id", "run_id", "asset_id")
    organization_id = models.UUIDField()
    run_id = models.UUIDField()
    asset_id = models.UUIDField()
    integration_id = models.UUIDField()


class ChangeSet(models.Model):
    """What one run has changed, in figures. Without an end: it is what remains when lines are not kept any more.

    total: lines that there were; kept: those that are stored. counts: a JSON list of [action, what, how many things].
    is_first: the source was not known before; then `counts` are its assets by kind, and there are no lines.
    """

    pk = models.CompositePrimaryKey("organization_id", "run_id")
    organization_id = models.UUIDField()
    run_id = models.UUIDField()
    integration_id = models.UUIDField()
    at = models.DateTimeField()
    is_first = models.BooleanField()
    total = models.IntegerField()
    kept = models.IntegerField()
    counts = models.JSONField()

    class Meta:
        indexes = [
            models.Index("organization_id", "at", name="catalog_changeset_recent"),
            models.Index("organization_id", "integration_id", "at", name="catalog_changeset_source"),
        ]


class Change(models.Model):
    """One thing that a run found different.

    number: within the run, in the order of paths. part: '' for the asset itself, 'column', or the fact that lists it
    ('indexes'); name: of the part. field: what of it has another value, '' when it came or went as a whole.
    action: added, removed, returned, changed. before, after: JSON, NULL where there is none.
    """

    pk = models.CompositePrimaryKey("organization_id", "run_id", "number")
    organization_id = models.UUIDField()
    run_id = models.UUIDField()
    number = models.IntegerField()
    asset_id = models.UUIDField()
    part = models.TextField()
    name = models.TextField()
    field = models.TextField()
    action = models.CharField(max_length=10)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        indexes = [models.Index("organization_id", "asset_id", "run_id", name="catalog_change_asset")]
