"""Programs that work for an organisation: each a service of its own, with a secret that is shown once.

A service looks and initiates; it never confirms, so that two people remain (rules R-05).
"""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from allauth.idp.oidc.models import Client, Token
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from tanhui.identity.acts import enrolment
from tanhui.identity.models import Mandate, Organisation, Person
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop

LASTS = timedelta(days=365)  # then its mandates end; a new secret renews them
NAME = 60  # characters


class ScopeUnknown(Refusal):
    code = "identity.scope_unknown"
    sentence = gettext_noop("A client cannot be given “%(scope)s”. Choose among the scopes that are listed.")
    clause = "RFC 6749 §3.3"
    status = 422


class ClientNameless(Refusal):
    code = "identity.client_nameless"
    sentence = gettext_noop(
        "Give the client a name of at most %(most)s characters, by which your colleagues know the program."
    )
    clause = "GB/T 22239-2019 8.1.4.1 a"
    status = 422


class ClientRevoked(Refusal):
    code = "identity.client_revoked"
    sentence = gettext_noop("The client “%(name)s” was revoked for good. Register another one.")
    clause = "GB/T 22239-2019 8.1.4.2 c"
    status = 409


@transaction.atomic
def register(
    *, organisation: Organisation, name: str, scopes: Collection[str], at: datetime, by: Person
) -> tuple[Client, str]:
    """A client of the organisation and its secret, shown this once; only a hash is kept.

    Refuses with ``ScopeUnknown`` or ``ClientNameless``. Whether ``by`` manages the organisation, the door asked.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= NAME:
        raise ClientNameless(most=NAME)
    wanted = sorted(set(scopes))
    for scope in wanted:
        if scope not in settings.TANHUI_SCOPES:
            raise ScopeUnknown(scope=scope[:60])
    if not wanted:
        raise ScopeUnknown(scope="")
    key = f"c-{secrets.token_hex(10)}"
    service = enrolment.enrol(
        username=f"service-{key}", name=name, password=None, kind=Person.Kind.SERVICE, at=at, by=by
    )
    give(service, organisation, wanted, at, by)
    secret = secrets.token_urlsafe(32)
    client = Client(id=key, name=name, owner=service, skip_consent=True, created_at=at)
    client.data = {"organisation": organisation.uscc}
    client.set_secret(secret)
    client.set_scopes(wanted)
    client.set_grant_types([Client.GrantType.CLIENT_CREDENTIALS])
    client.response_types = ""
    client.save(force_insert=True)
    told("registered", client, organisation, at, by, scopes=wanted)
    return client, secret


@transaction.atomic
def rotate(*, client: Client, at: datetime, by: Person) -> str:
    """A new secret, shown this once, for another year. The old one and its tokens are good for nothing from now on.

    Refuses with ``ClientRevoked``.
    """
    client, organisation = held(client)
    secret = secrets.token_urlsafe(32)
    client.set_secret(secret)
    client.save(update_fields=["secret"])
    Token.objects.filter(client=client).delete()
    end(client, at)
    give(client.owner, organisation, client.get_scopes(), at, by)
    told("rotated", client, organisation, at, by)
    return secret


@transaction.atomic
def revoke(*, client: Client, at: datetime, by: Person) -> None:
    """The client, its tokens and its mandates end at once and for good. Refuses with ``ClientRevoked``."""
    client, organisation = held(client)
    Token.objects.filter(client=client).delete()
    client.secret, client.grant_types = "!", ""
    client.data = {**client.data, "revoked_at": at.isoformat()}
    client.save(update_fields=["secret", "grant_types", "data"])
    end(client, at)
    Person.objects.filter(pk=client.owner_id).update(is_active=False)
    told("revoked", client, organisation, at, by)


def held(client: Client) -> tuple[Client, Organisation]:
    """The client, locked, and its organisation."""
    found = Client.objects.select_for_update(of=("self",)).select_related("owner").get(pk=client.pk)
    if "revoked_at" in found.data:
        raise ClientRevoked(name=found.name)
    return found, Organisation.objects.get(uscc=found.data["organisation"])


def give(service: Person, organisation: Organisation, scopes: Collection[str], at: datetime, by: Person) -> None:
    """The mandates the scopes take, for a year."""
    for capacity in sorted({settings.TANHUI_SCOPES[scope][0] for scope in scopes} | {Mandate.Capacity.VIEW}):
        enrolment.mandate(
            person=service, organisation=organisation, capacity=capacity, since_at=at, until_at=at + LASTS, at=at, by=by
        )


def end(client: Client, at: datetime) -> None:
    """End the mandates of its service that still run, also one that another gave a moment later on its clock."""
    running = Mandate.objects.filter(membership__person_id=client.owner_id, until_at__gt=at)
    running.update(until_at=Greatest(F("since_at") + timedelta(microseconds=1), at))


def told(what: str, client: Client, organisation: Organisation, at: datetime, by: Person, **facts: object) -> None:
    record(
        kind=f"identity.client_{what}",
        fact={"organisation": organisation.uscc, **facts},
        private={"client": client.pk, "name": client.name, "service": client.owner_id},
        at=at,
        by=by.pk,
    )
