from typing import Any

from django.apps import AppConfig
from django.core.signals import request_started

from fanlight.foundation import database


class PortalConfig(AppConfig):
    name = "fanlight.portal"
    label = "portal"

    def ready(self) -> None:
        """After Django's own look at the connections, which is at the start of a request too."""
        request_started.connect(_note_silence)


def _note_silence(**_: Any) -> None:
    database.note_silence()
