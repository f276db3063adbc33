from django.apps import AppConfig


class DiscoveryConfig(AppConfig):
    name = "fanlight.discovery"
    label = "discovery"

    def ready(self) -> None:
        from fanlight.catalog.services import follow_erasures, follow_merges  # noqa: PLC0415 - models are not loaded before
        from fanlight.discovery.services import forget_erased, refresh_entries  # noqa: PLC0415

        follow_merges(refresh_entries)
        follow_erasures(forget_erased)
