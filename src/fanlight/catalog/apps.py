from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "fanlight.catalog"
    label = "catalog"
