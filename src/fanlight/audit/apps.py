from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "fanlight.audit"
    label = "audit"
