"""Opening accounts and naming assets. Both are for good."""

from typing import Any

from django.db import connection

from tanhui.identity.models import Organisation
from tanhui.ledger.models import Account, Asset

NEXT = "SELECT nextval('ledger_identifier')"


def account(*, code: str, owner: Organisation | None) -> Account:
    """A new account that holds assets."""
    return Account.objects.create(id=fresh(), code=code, owner=owner)


def boundary(code: str) -> Account:
    """The boundary account of that name, made when first asked for."""
    return Account.objects.filter(code=code).first() or only(Account, code=code, id=-fresh(), is_boundary=True)


def asset(*, code: str, unit: str, serialised: bool) -> Asset:
    """A new asset counted in whole ``unit``; with serial numbers or, like points and money, without."""
    number = fresh()
    return Asset.objects.create(id=number if serialised else -number, code=code, unit=unit, serialised=serialised)


def fresh() -> int:
    with connection.cursor() as cursor:
        cursor.execute(NEXT)
        number: int = cursor.fetchone()[0]
    return number


def only(model: type[Any], *, code: str, **values: Any) -> Any:
    return model.objects.get_or_create(code=code, defaults=values)[0]
