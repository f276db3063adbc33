from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "fanlight.organizations"
    label = "organizations"
