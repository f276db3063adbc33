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
