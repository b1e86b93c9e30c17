"""Apps that show people what is theirs: registered by the operator, and let in by each person alone (OAuth 2.0,
authorization code with PKCE). An app learns no more than the scopes somebody granted, until they end it."""

import secrets
from collections.abc import Collection
from datetime import datetime
from urllib.parse import urlsplit

from allauth.idp.oidc.models import Client, Token
from django.db import transaction

from tanhui.identity.models import Organisation, Person
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop

PERSONAL = ("inclusion.account",)  # scopes a person can grant


class ReturnAddressWrong(Refusal):
    code = "identity.return_address_wrong"
    sentence = gettext_noop(
        "“%(given)s” is no address an app can be sent back to. Give one that begins with https:// and has no fragment."
    )
    clause = "RFC 6749 §3.1.2, RFC 9700 §4.1"
    status = 422


class NotPersonal(Refusal):
    code = "identity.scope_not_personal"
    sentence = gettext_noop("Nobody can grant “%(scope)s” to an app. Choose among %(known)s.")
    clause = "RFC 6749 §3.3"
    status = 422


@transaction.atomic
def register(
    *, organisation: Organisation, name: str, back: str, scopes: Collection[str], at: datetime, by: Person
) -> tuple[Client, str]:
    """An app of an organisation and its secret, shown this once. Refuses with ``ReturnAddressWrong`` or
    ``NotPersonal``; whether ``by`` may register it, the door asked."""
    parts = urlsplit(back)
    if parts.scheme != "https" or not parts.netloc or parts.fragment or parts.username or any(map(str.isspace, back)):
        raise ReturnAddressWrong(given=back[:80])
    for scope in scopes:
        if scope not in PERSONAL:
            raise NotPersonal(scope=scope[:60], known=", ".join(PERSONAL))
    secret = secrets.token_urlsafe(32)
    client = Client(
        id=f"a-{secrets.token_hex(10)}", name=" ".join(name.split())[:60], skip_consent=False, created_at=at
    )
    client.data = {"organisation": organisation.uscc}
    client.set_secret(secret)
    client.set_scopes(sorted(set(scopes)))
    client.set_grant_types([Client.GrantType.AUTHORIZATION_CODE])
    client.set_redirect_uris([back])
    client.save(force_insert=True)
    told = {"organisation": organisation.uscc, "scopes": sorted(set(scopes))}
    record(
        kind="identity.app_registered", fact=told, private={"client": client.pk, "name": client.name}, at=at, by=by.pk
    )
    return client, secret


@transaction.atomic
def end(*, person: Person, client: Client, at: datetime) -> int:
    """Take back what a person granted an app: its tokens of theirs are good for nothing; returns how many."""
    gone: int = Token.objects.filter(user=person, client=client).delete()[0]
    record(kind="identity.app_ended", fact={}, private={"client": client.pk, "person": person.pk}, at=at, by=person.pk)
    return gone
