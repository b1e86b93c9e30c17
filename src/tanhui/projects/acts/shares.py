"""What all acts on shares have in common: the two sides of a project, its lock, and two people for each."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tanhui.files.acts import receiving
from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Decision, Instruction, Mandate, Organisation
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects.queries import shares
from tanhui.registry.models import Project

CHIFENG = "《赤峰市生态碳汇实施方案》"


class NotASide(Refusal):
    code = "projects.not_a_side"
    sentence = gettext_noop(
        "Here %(side)s acts for project %(project)s, and %(organisation)s cannot do it in its place. Have that side's "
        "people do it."
    )
    clause = f"{CHIFENG}二（市本级与旗县区）"
    status = 403


class NotACounty(Refusal):
    code = "projects.not_a_county"
    sentence = gettext_noop(
        "%(organisation)s cannot be the county's side of this split: that is an authority or a state-owned company of "
        "the county, not the city's company itself. Choose another."
    )
    clause = f"{CHIFENG}二（市本级与旗县区）"
    status = 422


def lock(project: Project) -> None:
    """Hold the shares of a project until the transaction ends."""
    receiving.lock(f"projects.shares:{project.pk}")


def is_city(mandate: Mandate, project: Project) -> bool:
    return mandate.membership.organisation_id == project.owner_id


def check_city(mandate: Mandate, project: Project, *, at: datetime) -> None:
    """The city's side is the owner of the project. Refuses with ``NotASide`` or as mandates are judged."""
    if not is_city(mandate, project):
        raise NotASide(
            organisation=mandate.membership.organisation.name, side=project.owner.name, project=f"{project.number:06d}"
        )
    check_signing(mandate, at=at)


def check_county(mandate: Mandate, project: Project, *, at: datetime) -> None:
    """The county's side is who its rule or its development names, else any body that can be one.

    Refuses with ``NotASide``, ``NotACounty`` or as mandates are judged.
    """
    organisation = mandate.membership.organisation
    known = shares.county_of(project)
    if known is not None and known != organisation.pk:
        county = Organisation.objects.get(pk=known)
        raise NotASide(organisation=organisation.name, side=county.name, project=f"{project.number:06d}")
    check_can_be_county(organisation, project)
    check_signing(mandate, at=at)


def check_can_be_county(organisation: Organisation, project: Project) -> None:
    if organisation.pk == project.owner_id or organisation.role not in shares.COUNTIES:
        raise NotACounty(organisation=organisation.name)


def check_signing(mandate: Mandate, *, at: datetime) -> None:
    """Refuse a mandate that only lets look. Refuses as ``instruction.check_mandate``."""
    confirms = mandate.capacity == Mandate.Capacity.CONFIRM
    needed = Mandate.Capacity.CONFIRM if confirms else Mandate.Capacity.INITIATE
    instructions.check_mandate(mandate, needed, organisation=mandate.membership.organisation_id, at=at)


def ask(
    *, act: str, project: Project, mandate: Mandate, reference: str, body: Mapping[str, Any], at: datetime
) -> Instruction:
    """Ask for an act under the first signature; it waits as long as the rule pack says."""
    days = shares.number("sharing_proposal_open", clock.day(at), project.rule_pack)
    return instructions.initiate(
        act=act, mandate=mandate, reference=reference, body=body, at=at, expires_at=at + timedelta(days=days),
        prepare=lambda asked: None,
    )  # fmt: skip


def drop(*, asked: Instruction, outcome: str, mandate: Mandate, reason: str, at: datetime) -> Decision:
    """The second person says no, or the first takes it back; nothing was done yet."""
    if outcome == Decision.Outcome.WITHDRAWN and mandate.membership.person_id != asked.initiator_id:
        raise instructions.WrongMandate(needed=Mandate.Capacity.INITIATE.value, organisation=str(asked.organisation))
    if outcome == Decision.Outcome.REJECTED:
        instructions.check_mandate(mandate, Mandate.Capacity.CONFIRM, organisation=asked.organisation_id, at=at)
    return instructions.drop(
        instruction=asked, outcome=outcome, at=at, by=mandate, reason=reason[:200], undo=lambda one: None
    )


def signed(asked: Instruction, mandate: Mandate, at: datetime) -> dict[str, Any]:
    """The columns of a fact that say who signed it, when, and under which reference."""
    return {
        "reference": f"i{asked.pk.hex}", "body_sha256": asked.body_sha256, "at": at,
        "initiator_id": asked.initiator_id, "confirmer_id": mandate.membership.person_id,
    }  # fmt: skip
