"""The doors to programs: whose a token is, and which clients an organisation has."""

from datetime import datetime

from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.models import Client, Token
from django.db.models import QuerySet
from django.http import Http404

from tanhui.identity.models import Organisation, Person


def by_token(token: str, *, at: datetime) -> tuple[Person, frozenset[str]] | None:
    """The service an access token stands for, and what the token may; nobody for a token that is no good."""
    rows = Token.objects.filter(
        type=Token.Type.ACCESS_TOKEN,
        hash=get_adapter().hash_token(token),
        expires_at__gt=at,
        client__grant_types=Client.GrantType.CLIENT_CREDENTIALS,
        client__owner__is_active=True,
    )
    found = rows.select_related("client__owner").first()
    return (found.client.owner, frozenset(found.get_scopes())) if found else None


def by_grant(token: str, *, at: datetime) -> tuple[Person, frozenset[str], str] | None:
    """The person who let an app in by this token, what it may, and the USCC of the body whose app it is.

    Nobody for a token that is no good.
    """
    rows = Token.objects.filter(
        type=Token.Type.ACCESS_TOKEN,
        hash=get_adapter().hash_token(token),
        expires_at__gt=at,
        client__grant_types__contains=Client.GrantType.AUTHORIZATION_CODE,
        user__is_active=True,
    )
    found = rows.select_related("user", "client").first()
    return (found.user, frozenset(found.get_scopes()), found.client.data["organisation"]) if found else None


def app(key: str) -> Client | None:
    """An app people can let in."""
    rows = Client.objects.filter(grant_types__contains=Client.GrantType.AUTHORIZATION_CODE, id__startswith="a-")
    return rows.filter(pk=key).first() if "\x00" not in key else None


def of(organisation: Organisation) -> QuerySet[Client]:
    """The clients of an organisation, the latest first."""
    rows: QuerySet[Client] = Client.objects.filter(data__organisation=organisation.uscc).order_by("-created_at")
    return rows


def client(organisation: Organisation, key: str) -> Client:
    """A client of this organisation; any other is not found."""
    found = of(organisation).filter(pk=key).first() if "\x00" not in key else None
    if found is None:
        raise Http404
    return found
