from django.apps import AppConfig


class DiscoveryConfig(AppConfig):
    name = "fanlight.discovery"
    label = "discovery"
