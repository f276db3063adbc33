from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "fanlight.integrations"
    label = "integrations"
