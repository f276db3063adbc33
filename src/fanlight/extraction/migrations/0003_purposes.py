from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("extraction", "0002_keys")]

    operations = [
        migrations.AddField(
            "run", "purpose", models.CharField(max_length=20, default="extraction"), preserve_default=False
        ),
        migrations.AddField(
            "run", "trigger", models.CharField(max_length=20, default="person"), preserve_default=False
        ),
        migrations.AddField("run", "approval_of", models.UUIDField(null=True)),
        migrations.AddField("run", "removals", models.BigIntegerField(default=0), preserve_default=False),
        migrations.AddField("run", "removals_of", models.BigIntegerField(default=0), preserve_default=False),
    ]
