"""Rolls of right-holders: entered whole by the county, and the bank accounts that move afterwards."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from tanhui.identity import vault
from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Instruction, Mandate, Organisation
from tanhui.journal.record import record
from tanhui.kernel import canonical
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import splitting
from tanhui.projects.acts import shares
from tanhui.projects.models import AccountChange, Holder, TenureRoll
from tanhui.projects.queries import shares as known
from tanhui.registry.models import Project

MOST = 50_000
CLAUSE = f"{shares.CHIFENG}四（二）"
IDENTITY = "GB11643"  # as ``identity`` finds a citizen's number again


class RollUnclear(Refusal):
    code = "projects.roll_unclear"
    sentence = gettext_noop("The roll lacks or misstates: %(what)s. Correct it and enter it again.")
    clause = CLAUSE
    status = 422


class AccountUnclear(Refusal):
    code = "projects.account_unclear"
    sentence = gettext_noop("A bank account has a bank and 8 to 30 digits. Copy both from the passbook or card.")
    clause = CLAUSE
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a roll as it was read and checked: ``citizen`` is a resident's number, ``uscc`` an organisation's."""

    village_code: str
    village: str
    key: str
    name: str
    weight: int
    citizen: str = ""
    uscc: str = ""
    bank: str = ""
    account: str = ""

    def told(self) -> list[Any]:
        """What of it is hashed: nothing that lies sealed."""
        return [self.village_code, self.key, self.weight, self.uscc]


def masked(name: str) -> str:
    """``张三`` as 张*."""
    return name[0] + "*" * max(len(name) - 1, 1)


def enter(
    *, project: Project, source: str, rows: Sequence[Row], mandate: Mandate, reference: str, at: datetime
) -> TenureRoll:
    """Keep a roll; it counts once a split rule that names it is in force. The same reference again is the same roll.

    Refuses with ``shares.NotASide``, ``shares.NotACounty``, ``RollUnclear``, ``splitting.HolderTwice`` or
    ``instruction.ReferenceTaken``.
    """
    instructions.check_reference(reference)
    shares.check_county(mandate, project, at=at)
    check(source, rows)
    person = mandate.membership.person
    try:
        with transaction.atomic():
            shares.lock(project)
            if earlier := TenureRoll.objects.filter(by=person, reference=reference).first():
                return same(earlier, project, source.strip(), rows)
            return kept(project, source.strip(), rows, mandate, reference, at)
    except IntegrityError:
        return same(TenureRoll.objects.get(by=person, reference=reference), project, source.strip(), rows)


def same(earlier: TenureRoll, project: Project, source: str, rows: Sequence[Row]) -> TenureRoll:
    if (earlier.project_id, earlier.source, earlier.sha256) != (project.pk, source, digest(rows)):
        raise instructions.ReferenceTaken(reference=earlier.reference)
    return earlier


def digest(rows: Sequence[Row]) -> str:
    return canonical.sha256([one.told() for one in rows])


def check(source: str, rows: Sequence[Row]) -> None:
    wrong = [] if 0 < len(source.strip()) <= 200 else ["source"]
    if not 0 < len(rows) <= MOST:
        wrong.append(f"{len(rows)} / {MOST}")
    if wrong:
        raise RollUnclear(what=", ".join(wrong))
    seen = Counter((one.village_code, one.key) for one in rows)
    if twice := [key for key, count in seen.items() if count > 1]:
        raise splitting.HolderTwice(holder=" ".join(twice[0]))
    if not any(one.weight for one in rows):
        raise splitting.NobodyToShareWith


def kept(
    project: Project, source: str, rows: Sequence[Row], mandate: Mandate, reference: str, at: datetime
) -> TenureRoll:
    last = TenureRoll.objects.filter(project=project).aggregate(last=Max("number"))["last"]
    made = TenureRoll(
        project=project, county=mandate.membership.organisation, number=(last or 0) + 1, source=source,
        holders_count=len(rows), villages_count=len({one.village_code for one in rows}),
        weight=sum(one.weight for one in rows), sha256=digest(rows),
        reference=reference, by=mandate.membership.person, at=at,
    )  # fmt: skip
    made.entry = record(
        kind="projects.roll_entered",
        fact={
            "project": project.number, "roll": made.number, "holders": made.holders_count,
            "villages": made.villages_count, "sha256": made.sha256,
        },
        private={"county": made.county.uscc, "source": source},
        at=at,
        by=made.by_id,
    )  # fmt: skip
    made.save(force_insert=True)
    bodies = dict(Organisation.objects.filter(uscc__in=[one.uscc for one in rows]).values_list("uscc", "pk"))
    Holder.objects.bulk_create([holder(made, one, bodies.get(one.uscc)) for one in rows], batch_size=2000)
    return made


def holder(roll: TenureRoll, row: Row, organisation: int | None) -> Holder:
    return Holder(
        roll=roll, village_code=row.village_code, village=row.village, key=row.key, name=row.name,
        masked=row.name if row.uscc or row.key == Holder.COLLECTIVE else masked(row.name), weight=row.weight,
        identity=vault.index(IDENTITY, row.citizen) if row.citizen else b"", organisation_id=organisation,
        bank=row.bank, account=row.account, account_tail=row.account[-4:],
    )  # fmt: skip


# -- another account ---------------------------------------------------------------------------------------------------


def change_account(
    *, holder: Holder, bank: str, account: str, mandate: Mandate, reference: str, at: datetime
) -> Instruction:
    """Ask to send a holder's money elsewhere from now on. What is asked holds the number sealed.

    Refuses with ``shares.NotASide`` or ``AccountUnclear``.
    """
    project = holder.roll.project
    shares.check_county(mandate, project, at=at)
    plain = "".join(account.split())
    if (
        not bank.strip()
        or len(bank.strip()) > 80
        or not (plain.isascii() and plain.isdigit() and 8 <= len(plain) <= 30)
    ):
        raise AccountUnclear
    sealed = vault.seal(plain, place=place(holder))
    body = {
        "holder": str(holder.pk), "bank": bank.strip(), "sealed": sealed.hex(), "tail": plain[-4:],
        "index": vault.index("bank account", plain).hex(),
    }  # fmt: skip
    earlier = Instruction.objects.filter(
        initiator=mandate.membership.person, act=known.CHANGE_ACCOUNT, reference=reference
    ).first()
    if earlier is not None and {**earlier.body, "sealed": ""} == {**body, "sealed": ""}:
        return earlier  # sealed twice, the same number reads differently
    return shares.ask(act=known.CHANGE_ACCOUNT, project=project, mandate=mandate, reference=reference, body=body, at=at)


def place(holder: Holder) -> str:
    return f"instruction.{known.CHANGE_ACCOUNT}.{holder.pk}"


def carry_out_change(asked: Instruction, mandate: Mandate, at: datetime) -> Mapping[str, Any]:
    """Under the second signature the new account counts; the one before stays readable in the history."""
    body = asked.body
    found = Holder.objects.select_related("roll__project").get(pk=body["holder"])
    number = vault.unseal(bytes.fromhex(body["sealed"]), place=place(found))
    signed = shares.signed(asked, mandate, at)
    entry = record(
        kind="projects.account_changed",
        fact={"project": found.roll.project.number, "roll": found.roll.number},
        private={"holder": str(found.pk), "tail": body["tail"], "initiator": asked.initiator_id},
        at=at,
        by=signed["confirmer_id"],
    )
    made = AccountChange.objects.create(
        **signed, holder=found, bank=body["bank"], account=number, account_tail=body["tail"], entry=entry
    )
    return {"change": str(made.pk)}
