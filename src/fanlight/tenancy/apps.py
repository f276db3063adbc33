from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "fanlight.tenancy"
    label = "tenancy"
