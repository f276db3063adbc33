from django.apps import AppConfig


class TrustConfig(AppConfig):
    name = "fanlight.trust"
    label = "trust"
