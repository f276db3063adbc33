from django.db import migrations, models


class Migration(migrations.Migration):
    """Compare columns' names by their bytes: nothing sorts by them, and a locale's order costs a merge dearly."""

    dependencies = [("catalog", "0006_changes")]

    operations = [
        migrations.AlterField("column", "name", models.TextField(db_collation="C")),
    ]
