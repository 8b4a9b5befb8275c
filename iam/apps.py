"""The app of identities and rights."""

from django.apps import AppConfig


class IamConfig(AppConfig):
    name = "iam"
    default_auto_field = "django.db.models.BigAutoField"
