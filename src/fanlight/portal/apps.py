from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "fanlight.portal"
    label = "portal"
