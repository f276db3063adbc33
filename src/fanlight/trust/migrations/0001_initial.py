import django.db.models.functions.datetime
from django.db import migrations, models

import fanlight.trust.models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Result",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("promise", models.CharField(max_length=8)),
                ("state", models.CharField(max_length=20)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("recorded_by", models.TextField(db_default=fanlight.trust.models.CurrentUser())),
                ("milliseconds", models.IntegerField()),
                ("evidence", models.JSONField()),
                ("findings", models.JSONField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("promise"),
                        models.F("recorded_by"),
                        models.F("recorded_at"),
                        name="trust_result_history",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["proven", "broken", "not exercised", "unknown"])),
                        name="trust_result_state",
                    )
                ],
            },
        ),
    ]
