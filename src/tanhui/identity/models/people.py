"""People, what is known of them, and what shuts them out."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tanhui.identity.vault import EncryptedField


class People(BaseUserManager["Person"]):
    """Looks people up by the name they sign in with."""


class Person(AbstractBaseUser):
    """Someone who can sign in. There is no superuser: every right comes from a mandate (rules R-05, R-06)."""

    class Kind(models.TextChoices):
        PERSON = "PERSON", _("Natural person")
        SERVICE = "SERVICE", _("Service")  # stands for an API client and never has a password

    username = models.CharField(_("sign-in name"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=64)
    kind = models.CharField(_("kind"), max_length=7, choices=Kind, default=Kind.PERSON)
    email = models.EmailField(_("e-mail"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(_("joined"))

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]
    objects = People()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="SERVICE") | Q(password__startswith=UNUSABLE_PASSWORD_PREFIX),
                name="a_service_has_no_password",
            )
        ]

    def __str__(self) -> str:
        return self.name


class IdentityDocument(models.Model):
    """A document that says who a person really is (实名认证). Its number is sealed; ``index`` finds it again.

    One that ended stays, so that who once was bound is still known (rules R-07).
    """

    class Kind(models.TextChoices):
        CITIZEN = "CITIZEN", _("Resident identity card")
        HMT = "HMT", _("Residence permit for Hong Kong, Macao and Taiwan residents")
        FOREIGNER = "FOREIGNER", _("Foreigner's permanent residence card")
        PASSPORT = "PASSPORT", _("Passport")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey(Person, models.PROTECT, related_name="documents")
    kind = models.CharField(_("kind of document"), max_length=9, choices=Kind)
    country = models.CharField(_("issued by"), max_length=3, default="CHN")  # ISO 3166-1 alpha-3
    number = EncryptedField()
    index = models.BinaryField(max_length=32)
    bound_at = models.DateTimeField()
    bound_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["index"], condition=Q(ended_at__isnull=True), name="a_real_person_has_one_account"
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(ended_at__isnull=True), name="an_account_is_one_real_person"
            ),
            models.CheckConstraint(
                condition=Q(checked_by__isnull=True) | ~Q(checked_by=F("person")),
                name="nobody_checks_their_own_document",
            ),
        ]
        indexes = [models.Index(fields=["index"], name="documents_by_number")]


class Suspension(models.Model):
    """A time in which a person is shut out, and why."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="suspensions")
    reason = models.CharField(max_length=200)
    since_at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    until_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(until_at__isnull=True), name="a_person_is_suspended_once_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(by=F("person")), name="nobody_suspends_themselves"),
            models.CheckConstraint(
                condition=Q(lifted_by__isnull=True) | ~Q(lifted_by=F("person")),
                name="nobody_lifts_their_own_suspension",
            ),
        ]


class ApiToken(models.Model):
    """A bearer token of a person, kept only as its SHA-256: the token itself is shown once."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="api_tokens")
    digest = models.BinaryField(max_length=32, unique=True)
    label = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
