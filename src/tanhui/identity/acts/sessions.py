"""Sessions of the pages: when each was last used, and ending them."""

from datetime import datetime

from allauth.usersessions.models import UserSession

from tanhui.identity.models import Person


def used(*, key: str, at: datetime) -> None:
    """Note that a session was used."""
    UserSession.objects.filter(session_key=key).update(last_seen_at=at)


def end(*, person: Person, number: int) -> bool:
    """End one session of the person; whether there was such a one."""
    found = UserSession.objects.filter(user=person, pk=number).first()
    if found is None:
        return False
    found.end()
    return True
