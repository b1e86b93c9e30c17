"""What people did is erased after they closed their account: out of the lake, with a receipt that says how much.

个人信息保护法 Art. 47: deleted at once; what the ledger of grams must keep stays as hashes under a bare number, which
Art. 4 and 73 call anonymised, since whose it was is forgotten by the closing itself.
"""

from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import Exists, OuterRef

from tanhui.inclusion.acts import accounts
from tanhui.inclusion.models import Account, Day, Receipt, Suspicion

GRACE = timedelta(minutes=10)  # batches that were being taken while somebody closed their account are in by then


def erase(*, lake: Path, at: datetime, most: int = 100) -> list[Receipt]:
    """Take everybody out of the lake who closed their account, the earliest first, each in a transaction; the receipts.

    Whoever was erased has a receipt of it, so that a killed worker goes on where it was. Who calls sees to it that
    nobody settles a day or lays one ready meanwhile: what was read before would be written after.
    """
    done = Receipt.objects.filter(account=OuterRef("pk"), kind=Receipt.Kind.ERASED)
    waiting = Account.objects.filter(~Exists(done), state=Account.State.CLOSED, closed_at__lte=at - GRACE)
    numbers = list(waiting.order_by("closed_at").values_list("pk", flat=True)[:most])
    return [made for number in numbers if (made := one(lake, number, at)) is not None]


@transaction.atomic
def one(lake: Path, number: int, at: datetime) -> Receipt | None:
    from tanhui.tally import forgetting
    from tanhui.tally import lake as lakes

    account = Account.objects.select_for_update(skip_locked=True).filter(pk=number).first()
    if account is None or account.receipts.filter(kind=Receipt.Kind.ERASED).exists():
        return None  # another worker is at it, or was
    opened = lakes.open(lake) if (lake / "lake.json").exists() else None
    gone = forgetting.forget_person(opened, number) if opened else []
    Suspicion.objects.filter(account=number).update(facts={}, key="")  # of a day that was posted while they closed
    if account.ended == Account.Ended.DELETED:
        Day.objects.filter(account=number).delete()
    events = sum(each.rows for each in gone if each.path.startswith("events/"))
    tracks = sum(each.rows for each in gone if each.path.startswith("tracks/"))
    return accounts.receipt(
        account, Receipt.Kind.ERASED, at, {"files": [[each.path, each.before, each.after] for each in gone]},
        events=events, tracks=tracks,
    )  # fmt: skip
