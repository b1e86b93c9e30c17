"""Entering a methodology that was published elsewhere (by the ministry, by a province), with its source, under two
signatures; and the second signatures of the desk."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Decision, Instruction, Mandate
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.library import proposals
from tanhui.library.acts import proof, recording, standing
from tanhui.library.models import Category, Filing, Methodology, Scheme, Sector, Standing, Version


class SourceMissing(Refusal):
    code = "library.source_missing"
    sentence = gettext_noop(
        "Name the methodology, who published it, the document and its day, not later than today, and choose scheme, "
        "sector and class from those there are."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第八条（rules M-01）"
    status = 422


class OtherScheme(Refusal):
    code = "library.other_scheme"
    sentence = gettext_noop("%(code)s is known under the scheme “%(scheme)s” and stays there.")
    clause = "rules M-06"
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A version as it was published elsewhere."""

    code: str
    version: str
    name: str
    scheme: str
    sector: str
    category: str
    issuer: str
    source: str
    published_on: date
    valid_from: date
    name_en: str = ""
    summary: str = ""
    changes: str = ""
    filing_number: str = ""
    text_sha256: str = ""
    package: str = ""
    package_sha256: str = ""
    crediting_years_min: int | None = None
    crediting_years_max: int | None = None

    def body(self) -> dict[str, Any]:
        return {name: one.isoformat() if isinstance(one, date) else one for name, one in asdict(self).items()}

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "Published":
        days = {name: date.fromisoformat(body[name]) for name in ("published_on", "valid_from")}
        return cls(**(dict(body) | days))


@transaction.atomic
def propose(*, published: Published, mandate: Mandate, reference: str, at: datetime) -> Instruction:
    """Ask for a version published elsewhere to be entered.

    Refuses with ``standing.NotTheAuthority``, ``SourceMissing``, ``OtherScheme``, ``recording.CodeUnreadable``,
    ``recording.VersionTaken`` or as ``proof.check``.
    """
    return instructions.initiate(
        act=proposals.ENTER, mandate=mandate, reference=reference, body=published.body(), at=at,
        expires_at=at + standing.OPEN_FOR, prepare=lambda asked: check(published, mandate, at=at),
    )  # fmt: skip


def check(said: Published, mandate: Mandate, *, at: datetime) -> None:
    body = mandate.membership.organisation
    if body.role not in proposals.HANDLERS:
        raise standing.NotTheAuthority(needed=str(proposals.HANDLERS[0].label), organisation=body.name)
    if not (recording.CODE.fullmatch(said.code) and recording.VERSION.fullmatch(said.version)):
        raise recording.CodeUnreadable(code=said.code[:40], version=said.version[:16])
    known = said.scheme in Scheme.values and said.sector in Sector.values and said.category in Category.values
    if not (known and said.name and said.issuer and said.source) or said.published_on > clock.day(at):
        raise SourceMissing
    methodology = Methodology.objects.filter(code=said.code).first()
    if methodology is not None and methodology.scheme != said.scheme:
        raise OtherScheme(code=said.code, scheme=methodology.get_scheme_display())
    full = {"code": said.code, "version": said.version}
    if Version.objects.filter(methodology__code=said.code, version=said.version).exists() or (
        Filing.objects.filter(**full).exists()
    ):
        raise recording.VersionTaken(code=f"{said.code}-{said.version}")
    if said.package:
        proof.check(said.package, said.package_sha256, category=said.category)


def carry_out(asked: Instruction, mandate: Mandate, at: datetime) -> Mapping[str, Any]:
    """What the second signature does: the version stands in the library; one that was in force before it is retired."""
    said = Published.read(asked.body)
    check(said, mandate, at=at)
    methodology, _ = Methodology.objects.get_or_create(
        code=said.code,
        defaults={"scheme": said.scheme, "sector": said.sector, "category": said.category, "since_at": at},
    )
    entry = record(
        kind="library.entered",
        fact={
            "methodology": f"{said.code}-{said.version}", "name": said.name, "scheme": said.scheme,
            "issuer": said.issuer, "source": said.source, "effective": said.valid_from.isoformat(),
            **({"package": said.package, "package_sha256": said.package_sha256} if said.package else {}),
        },
        private={"initiator": asked.initiator_id},
        at=at,
        by=mandate.membership.person_id,
    )  # fmt: skip
    values = asdict(said)
    for name in ("code", "scheme", "sector", "category"):
        del values[name]
    signed: dict[str, Any] = {"initiator": asked.initiator, "confirmer": mandate.membership.person, "at": at}
    before = list(methodology.versions.filter(valid_from__lt=said.valid_from))
    made = Version.objects.create(
        methodology=methodology, authority=mandate.membership.organisation, entry=entry, **values, **signed
    )
    standing.stand(made, Standing.State.PUBLISHED, said.valid_from, **signed)
    for one in before:
        last = one.standings.order_by("since", "id").last()
        if last is None or last.state != Standing.State.RETIRED:
            standing.lock(one)
            standing.stand(one, Standing.State.RETIRED, said.valid_from, successor=made, **signed)
    return {"methodology": made.full_code}


CARRY_OUT = {proposals.ENTER: carry_out, proposals.STAND: standing.carry_out}


def confirm(*, asked: Instruction, mandate: Mandate, at: datetime) -> Decision:
    """Sign second what was asked at the desk: an entry or a standing. Refuses as the act does, or as ``identity``."""
    return instructions.confirm(
        instruction=asked, mandate=mandate, at=at, carry_out=lambda one: CARRY_OUT[one.act](one, mandate, at)
    )


def drop(*, asked: Instruction, outcome: str, mandate: Mandate, reason: str, at: datetime) -> Decision:
    """The second person does not sign, or the first takes it back. Refuses as ``recording.drop``."""
    if outcome == Decision.Outcome.WITHDRAWN and mandate.membership.person_id != asked.initiator_id:
        raise instructions.WrongMandate(
            needed=Mandate.Capacity.INITIATE.value, organisation=str(mandate.membership.organisation)
        )
    if outcome == Decision.Outcome.REJECTED:
        instructions.check_mandate(mandate, Mandate.Capacity.CONFIRM, organisation=asked.organisation_id, at=at)
    return instructions.drop(
        instruction=asked, outcome=outcome, at=at, by=mandate, reason=reason[:200], undo=lambda one: None
    )
