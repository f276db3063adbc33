from django.apps import AppConfig


class DiscoveryConfig(AppConfig):
    name = "fanlight.discovery"
    label = "discovery"

    def ready(self) -> None:
        from fanlight.catalog import services as catalog  # noqa: PLC0415 - models are not loaded before
        from fanlight.discovery import services  # noqa: PLC0415

        catalog.follow_merges(services.refresh_entries)
        catalog.accompany_arrivals(services.enter_beside)
        catalog.follow_losses(services.forget_lost)
