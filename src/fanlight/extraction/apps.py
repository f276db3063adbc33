from django.apps import AppConfig


class ExtractionConfig(AppConfig):
    name = "fanlight.extraction"
    label = "extraction"
