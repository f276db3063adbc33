from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "fanlight.vault"
    label = "vault"
