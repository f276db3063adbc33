from django.apps import AppConfig


class DiscoveryConfig(AppConfig):
    name = "fanlight.discovery"
    label = "discovery"

    def ready(self) -> None:
        from fanlight.catalog.services import follow_merges  # noqa: PLC0415 - models are not loaded before
        from fanlight.discovery.services import refresh_entries  # noqa: PLC0415

        follow_merges(refresh_entries)
