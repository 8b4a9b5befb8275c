"""The app of identities and rights; it answers "who is it?" and "may they?" for every room."""

from django.apps import AppConfig


class IamConfig(AppConfig):
    name = "iam"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from control_plane.kernel.api.dispatch import Authenticator, authenticate_with, remember_refusals_with
        from control_plane.kernel.authorization import use_authorizer
        from iam.access import Access
        from iam.authentication.credentials import (
            account,
            foresee,
            identify,
            is_costly,
            question,
            recall,
            refuse_guesses,
        )
        from iam.authorization import provisioning

        use_authorizer(Access())
        authenticate_with(Authenticator(identify, question, recall, foresee, account, is_costly, refuse_guesses))
        from iam.authorization import refusals

        remember_refusals_with(refusals.remember)
        provisioning.register()
        from iam.authentication.credentials import register_kind
        from iam.authentication.integrations import integration_of
        from iam.authentication.tokens import INTEGRATION

        register_kind(INTEGRATION, integration_of)

        from control_plane.kernel.sealed_rows import holds_sealed
        from iam.directories import hints, providers
        from iam.models import IdentityProvider, Invitation, Session
        from iam.record import invitations

        holds_sealed(IdentityProvider, "sealed", places=lambda row: [providers.belongs_to(row)])
        holds_sealed(Invitation, "sealed", places=lambda row: [invitations.belongs_to(row)])
        holds_sealed(Session, "sealed_hint", places=lambda row: [hints.belongs_to(row)])
