from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_changes")]

    operations = [
        migrations.AddIndex(
            model_name="arrival",
            index=models.Index("organization_id", "lease", "id", name="catalog_arrival_id"),
        ),
    ]
