from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


class PersonManager(BaseUserManager["Person"]):
    """What Django's sign-in needs to find a person."""


class Person(AbstractBaseUser):
    """A human being, in one or several organizations. Global: known before an organization is chosen.

    The password column is Django's and stays unusable: people sign in by a link or through an identity provider.
    """

    id = models.UUIDField(primary_key=True)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    objects: ClassVar[PersonManager] = PersonManager()


class Membership(models.Model):
    """A person in an organization."""

    pk = models.CompositePrimaryKey("organization_id", "person_id")
    organization_id = models.UUIDField()
    person_id = models.UUIDField()
    role = models.CharField(max_length=20)
    created_at = models.DateTimeField()


class SignInLink(models.Model):
    """A link that signs a person in once. Only its digest is kept; the row is what makes it single use."""

    pk = models.CompositePrimaryKey("organization_id", "id")
    organization_id = models.UUIDField()
    id = models.UUIDField()
    person_id = models.UUIDField()
    digest = models.BinaryField(max_length=32)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class MemberSession(models.Model):
    """A browser that is signed in to an organization. This row, not the cookie, is what opens it.

    digest: SHA-256 of the session's key. way: how it was opened ('link'). device, address: what the browser said of
    itself in words, and where it came from. used_at: to the minute. receipt_id: of the revocation that ended it.
    """

    pk = models.CompositePrimaryKey("organization_id", "id")
    organization_id = models.UUIDField()
    id = models.UUIDField()
    person_id = models.UUIDField()
    digest = models.BinaryField(max_length=32)
    way = models.CharField(max_length=20)
    device = models.CharField(max_length=80)
    address = models.CharField(max_length=45)
    opened_at = models.DateTimeField()
    used_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    receipt_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("organization_id", "digest", name="organizations_membersession_digest"),
        ]
        indexes = [
            models.Index("organization_id", "person_id", name="organizations_session_person"),
        ]


class Receipt(models.Model):
    """What ended with a membership. name, email: as they were. ended: a JSON list of `types.Ended`.

    refused_at: when something that had ended was tried for the first time, and opened nothing.
    """

    pk = models.CompositePrimaryKey("organization_id", "id")
    organization_id = models.UUIDField()
    id = models.UUIDField()
    person_id = models.UUIDField()
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=254)
    revoked_at = models.DateTimeField()
    revoked_by = models.UUIDField(null=True)
    ended = models.JSONField()
    audit_sequence = models.BigIntegerField()
    refused_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index("organization_id", "revoked_at", name="organizations_receipt_recent")]
