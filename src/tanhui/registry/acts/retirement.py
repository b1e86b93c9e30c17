"""Taking units out of circulation for good (注销), for a typed purpose and a named beneficiary."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Decision, Instruction, Mandate
from tanhui.journal.record import MOVEMENT, draft
from tanhui.kernel import canonical, clock, identifiers, serials
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.kernel.serials import Range
from tanhui.ledger.acts import movement, opening
from tanhui.registry import queries
from tanhui.registry.acts import lines, setting_aside
from tanhui.registry.acts.lines import Wanted
from tanhui.registry.acts.restriction import named
from tanhui.registry.acts.signing import Signatures, may_give, once
from tanhui.registry.models import Retirement, SubAccount
from tanhui.ui import glyphs

ACT = "registry.retire"
OPEN_FOR = timedelta(days=7)
LETTERS = {
    Retirement.Purpose.EVENT: "EV",
    Retirement.Purpose.ETS: "ET",
    Retirement.Purpose.ORGANISATION: "OR",
    Retirement.Purpose.PUBLIC_GOOD: "PG",
    Retirement.Purpose.ECOJUSTICE: "EJ",
    Retirement.Purpose.TREE_DUTY: "TD",
    Retirement.Purpose.REPLACEMENT: "RP",
}


class BeneficiaryUnnamed(Refusal):
    code = "registry.beneficiary_unnamed"
    sentence = gettext_noop(
        "A retirement says on whose behalf it is. Give the beneficiary's full name, at most 120 characters."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第二十八条"
    status = 422


class PurposeUnknown(Refusal):
    code = "registry.purpose_unknown"
    sentence = gettext_noop("“%(purpose)s” is not a purpose units are retired for. Choose one of: %(known)s.")
    clause = "《温室气体自愿减排交易管理办法（试行）》第二十八条"
    status = 422


@dataclass(frozen=True, slots=True)
class Beneficiary:
    """On whose behalf (受益人). An organisation has its USCC; a person's name and number are published masked only; an
    event has its name."""

    kind: str
    name: str
    code: str = ""

    @classmethod
    def read(cls, *, kind: str, name: str, code: str = "", on: date | None = None) -> "Beneficiary":
        """From what someone typed: checked, and for a person masked at once, so that the whole number is never kept.

        Refuses with ``BeneficiaryUnnamed``, the kernel's code refusals, or ``ui.glyph_missing``.
        """
        name = name.strip()
        if not name or len(name) > 120 or kind not in Retirement.Beneficiary.values:
            raise BeneficiaryUnnamed
        glyphs.require([name])
        if kind == Retirement.Beneficiary.ORGANISATION:
            return cls(kind, name, identifiers.uscc(code))
        if kind == Retirement.Beneficiary.PERSON:
            number = identifiers.citizen(code, on=on)
            return cls(kind, name[0] + "*" * max(len(name) - 1, 1), identifiers.masked(number))
        return cls(kind, name)


def retire(
    *,
    source: SubAccount,
    wanted: Sequence[Wanted],
    purpose: str,
    beneficiary: Beneficiary,
    reference: str,
    signatures: Signatures,
    at: datetime,
    statement: str = "",
    set_aside: int | None = None,
    decision: Decision | None = None,
) -> Retirement:
    """Retire units with both signatures at hand, once per reference. The certificate number is part of the fact.

    ``set_aside`` and ``decision`` are as in ``transfer.transfer``.

    Refuses with ``PurposeUnknown``, ``ui.glyph_missing`` for a name no font can print, ``signing.AccountRestricted``,
    the signatures' refusals, or the ledger's: not enough held, serials not free, units locked.
    """
    quantity_t = prepare_checks(source, wanted, purpose, beneficiary, statement)
    signatures.check(source.account.organisation_id, at=at)

    def perform(digest: str) -> Retirement:
        terminal, number = place_and_number(purpose, clock.day(at).year)
        if decision:
            decision.result["certificate"] = number
        people = signatures.people
        values = {
            "reference": reference,
            "body_sha256": digest,
            "certificate": number,
            "source_id": source.pk,
            "purpose": purpose,
            "quantity_t": quantity_t,
            "beneficiary_kind": beneficiary.kind,
            "beneficiary_name": beneficiary.name,
            "beneficiary_code": beneficiary.code,
            "statement": statement,
            "at": at,
            **people,
        }
        kept = movement.post_and_tell(
            reference=f"retirement:{reference}",
            told=draft(
                kind="registry.retired",
                fact={
                    "certificate": number,
                    "transaction": MOVEMENT,
                    "purpose": purpose,
                    "beneficiary": asdict(beneficiary),
                    "statement": statement,
                    "quantity_t": quantity_t,
                    "batches": [told | origin(one) for told, one in zip(lines.facts(wanted), wanted, strict=True)],
                    **({"demonstration": True} if any(is_demonstration(one) for one in wanted) else {}),
                },
                private={"from": str(source), **people},
                at=at,
                by=people["confirmer_id"],
            ),
            lines=[
                movement.Line(source.ledger_account_id, terminal, one.batch.pk, one.quantity_t, one.serials)
                for one in wanted
            ],
            fact=Retirement,
            values=values,
            reservation=set_aside,
            decision=decision,
        )
        return Retirement(id=kept.row, movement_id=kept.movement, entry=kept.entry, **values)

    body = {
        "from": source.pk,
        "wanted": [one.plain() for one in wanted],
        "purpose": purpose,
        "beneficiary": asdict(beneficiary),
        "statement": statement,
        "set_aside": set_aside,
    }
    if decision:  # there can be only one
        return perform(canonical.sha256(body))
    with named(source.account):
        return once(Retirement, reference=reference, body=body, perform=perform, one_statement=True)


def prepare_checks(
    source: SubAccount, wanted: Sequence[Wanted], purpose: str, beneficiary: Beneficiary, statement: str
) -> int:
    if purpose not in Retirement.Purpose.values:
        raise PurposeUnknown(purpose=purpose, known=", ".join(Retirement.Purpose.values))
    quantity_t = lines.total(wanted)
    glyphs.require([beneficiary.name, statement, *(one.batch.project.name for one in wanted)])
    may_give(source.account)
    return quantity_t


def initiate(
    *,
    source: SubAccount,
    wanted: Sequence[Wanted],
    purpose: str,
    beneficiary: Beneficiary,
    reference: str,
    mandate: Mandate,
    at: datetime,
    statement: str = "",
) -> Instruction:
    """Ask for a retirement: the units are set aside until another representative confirms, for at most seven days."""
    prepare_checks(source, wanted, purpose, beneficiary, statement)
    instructions.check_mandate(mandate, Mandate.Capacity.INITIATE, organisation=source.account.organisation_id, at=at)
    body = {
        "source": source.pk,
        "wanted": [one.plain() for one in wanted],
        "purpose": purpose,
        "beneficiary": asdict(beneficiary),
        "statement": statement,
    }

    with named(source.account):
        return instructions.initiate(
            act=ACT,
            mandate=mandate,
            reference=reference,
            body=body,
            at=at,
            expires_at=at + OPEN_FOR,
            prepare=lambda asked: setting_aside.hold(asked, source, wanted, at),
        )


def carry_out(asked: Instruction, signatures: Signatures, decision: Decision) -> None:
    """Do what a confirmed instruction asks for, with the very units that were set aside, and keep the decision."""
    body = asked.body
    retire(
        source=queries.places(asked)[0],
        wanted=setting_aside.read(asked),
        purpose=body["purpose"],
        beneficiary=Beneficiary(**body["beneficiary"]),
        reference=f"i{asked.pk.hex}",
        signatures=signatures,
        at=decision.at,
        statement=body["statement"],
        set_aside=setting_aside.held(asked),
        decision=decision,
    )


def place_and_number(purpose: str, year: int) -> tuple[int, str]:
    """The terminal account of a purpose, and the next certificate number: purpose letters, year, eight digits, check
    character (rules §5.1)."""
    name = f"retired:{purpose}"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('registry_certificate_number'), (SELECT id FROM ledger_account WHERE code = %s)", [name]
        )
        number, place = cursor.fetchone()
    printed = serials.print(serials.Certificate(LETTERS[Retirement.Purpose(purpose)], year, number))
    return place or opening.boundary(name).pk, printed


def origin(one: Wanted) -> dict[str, Any]:
    """Where retired units came from, as their certificate says (V-04)."""
    project = one.batch.project
    period = one.batch.issuance.period if one.batch.issuance else None
    return {
        "project": {
            "number": f"{project.number:06d}",
            "name": project.name,
            "type": project.kind,
            "region": project.region,
            "owner": project.owner.name,
        },
        "methodology": {"code": project.methodology, "version": project.methodology_version},
        "period": [str(one.batch.span.lower), str(one.batch.span.upper - lines.ONE_DAY)],
        "inputs_sha256": period.inputs_sha256 if period else "",
        "trace_sha256": period.trace_sha256 if period else "",
    }


def is_demonstration(one: Wanted) -> bool:
    return bool(one.batch.issuance and one.batch.issuance.period.demonstration)


def blocks(fact: dict[str, Any]) -> list[Range]:
    """The serial blocks of a published retirement fact."""
    return [Range(first, last) for batch in fact["batches"] for first, last in batch["serials"]]
