"""The city portal of a demonstration: a few made-up citizens, and this register as a client of theirs."""

from datetime import datetime

from allauth.idp.oidc.models import Client
from django.db import transaction

from tanhui.identity.acts import enrolment
from tanhui.identity.models import Person

CITIZENS = [("portal-zhang", "张晓兰"), ("portal-liu", "刘建国"), ("portal-he", "何静")]


@transaction.atomic
def open_portal(*, key: str, name: str, secret: str, back: str, at: datetime) -> list[Person]:
    """The citizens, and the register as a client that may send people back to ``back``; made where they are missing."""
    client, _ = Client.objects.get_or_create(
        pk=key, defaults={"name": name, "skip_consent": True, "scopes": "openid\nprofile\nemail"}
    )
    if back not in client.get_redirect_uris() or not client.check_secret(secret):
        client.set_redirect_uris([back])
        client.set_secret(secret)
        client.save(update_fields=["redirect_uris", "secret"])
    known = {one.username: one for one in Person.objects.filter(username__in=[one for one, _ in CITIZENS])}
    return [
        known.get(username) or enrolment.enrol(username=username, name=who, password=None, at=at)
        for username, who in CITIZENS
    ]
