"""Publishing a technique, a guide or training material: one person proposes the edition, another publishes it."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from tanhui.files.acts import receiving
from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Decision, Instruction, Mandate
from tanhui.journal.record import record
from tanhui.kernel import canonical
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects.models import Development, Technology, TechnologyEdition
from tanhui.projects.queries.technology import PUBLISH

SUBJECT = "projects.technology"
OPEN_FOR = timedelta(days=14)
CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
CLAUSE = "《长三角生态绿色一体化发展示范区农业碳汇交易试点工作方案》三（三）"
MOST = {"name": 80, "practice": 300, "text": 20_000, "effect": 400, "source": 300, "reason": 300}


class TechnologyUnreadable(Refusal):
    code = "projects.technology_unreadable"
    sentence = gettext_noop(
        "An entry has an address of small letters, digits and dashes, a name, and what is done, each within its "
        "length. "
        "Correct %(field)s."
    )
    clause = CLAUSE
    status = 422


class EffectUnsourced(Refusal):
    code = "projects.effect_unsourced"
    sentence = gettext_noop(
        "An effect is published with its source and evidence grade; what is made up for the demonstration has grade D. "
        "Complete them, or leave the effect out."
    )
    clause = CLAUSE
    status = 422


class EditionUnexplained(Refusal):
    code = "projects.edition_unexplained"
    sentence = gettext_noop("“%(name)s” is published already. A later edition, or a withdrawal, says why it is made.")
    clause = CLAUSE
    status = 422


class EditionUnchanged(Refusal):
    code = "projects.edition_unchanged"
    sentence = gettext_noop("“%(name)s” is published exactly like this already. There is nothing to publish.")
    clause = CLAUSE


class TechnologyOfOthers(Refusal):
    code = "projects.technology_of_others"
    sentence = gettext_noop(
        "The address %(code)s belongs to an entry of another body or another kind. Choose another address."
    )
    clause = CLAUSE


@dataclass(frozen=True)
class Content:
    """An edition as it is proposed. ``developments``: their ids; ``documents``: document, version, name, sha256."""

    code: str
    kind: str
    name: str
    practice: str
    text: str = ""
    crops: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    effect: str = ""
    source: str = ""
    grade: str = ""
    methodologies: tuple[str, ...] = ()
    developments: tuple[str, ...] = ()
    documents: tuple[dict[str, Any], ...] = field(default=())
    demonstration: bool = False
    withdraws: bool = False
    reason: str = ""

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Content":
        """As an instruction keeps it."""
        lists = ("crops", "regions", "methodologies", "developments", "documents")
        values: dict[str, Any] = {name: tuple(value) if name in lists else value for name, value in body.items()}
        return cls(**values)

    @property
    def body(self) -> dict[str, Any]:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @property
    def sought(self) -> str:
        """Everything that is searched."""
        lists = (*self.crops, *self.regions, *self.methodologies)
        return "\n".join([self.name, self.practice, self.text, self.effect, self.source, *lists])


def propose(*, content: Content, mandate: Mandate, reference: str, at: datetime) -> Instruction:
    """Propose an edition under the first signature.

    Refuses with ``TechnologyUnreadable``, ``EffectUnsourced``, ``EditionUnexplained``, ``EditionUnchanged``,
    ``TechnologyOfOthers``, or as ``instruction.initiate``.
    """
    check(content, mandate)
    return instructions.initiate(
        act=PUBLISH, mandate=mandate, reference=reference, body=content.body, at=at, expires_at=at + OPEN_FOR,
        prepare=lambda asked: None,
    )  # fmt: skip


def check(content: Content, mandate: Mandate) -> None:
    wrong = [name for name, most in MOST.items() if len(getattr(content, name)) > most]
    if not CODE.fullmatch(content.code) or len(content.code) > 60:
        wrong.append("code")
    wrong += [name for name in ("name", "practice") if not getattr(content, name).strip()]
    if content.kind not in Technology.Kind.values:
        wrong.append("kind")
    if wrong:
        raise TechnologyUnreadable(field=wrong[0])
    unsourced = content.effect and not (content.source and content.grade)
    if unsourced or (content.demonstration and content.grade not in {"", "D"}):
        raise EffectUnsourced
    known = Technology.objects.filter(code=content.code).select_related("current").first()
    if known is None:
        if content.withdraws:
            raise TechnologyUnreadable(field="withdraws")
        return
    if (known.organisation_id, known.kind) != (mandate.membership.organisation_id, content.kind):
        raise TechnologyOfOthers(code=content.code)
    if not content.reason.strip():
        raise EditionUnexplained(name=known.name)
    if known.current is not None and content.withdraws == known.withdrawn and same(known.current, content):
        raise EditionUnchanged(name=known.name)


def same(edition: TechnologyEdition, content: Content) -> bool:
    lists = ("crops", "regions", "methodologies", "documents")
    plain = ("name", "practice", "text", "effect", "source", "grade", "demonstration", "withdraws")
    linked = sorted(str(one) for one in edition.developments.values_list("pk", flat=True))
    return (
        all(getattr(edition, name) == getattr(content, name) for name in plain)
        and all(getattr(edition, name) == list(getattr(content, name)) for name in lists)
        and linked == sorted(content.developments)
    )


def confirm(*, asked: Instruction, mandate: Mandate, at: datetime) -> Decision:
    """Publish under the second signature; confirmed twice it is published once. Refuses as ``propose`` and
    ``instruction.confirm``."""
    return instructions.confirm(
        instruction=asked, mandate=mandate, at=at,
        carry_out=lambda one: {"edition": publish(one, mandate, at).pk},
    )  # fmt: skip


@transaction.atomic
def publish(asked: Instruction, mandate: Mandate, at: datetime) -> TechnologyEdition:
    content = Content.of(asked.body)
    receiving.lock(f"technology {content.code}")
    check(content, mandate)
    known, _ = Technology.objects.get_or_create(
        code=content.code,
        defaults={
            "kind": content.kind, "organisation": asked.organisation, "name": content.name, "sought": content.sought,
            "at": at,
        },
    )  # fmt: skip
    number = known.editions.count() + 1
    entry = record(
        kind="projects.technology_withdrawn" if content.withdraws else "projects.technology_published",
        fact={"technology": content.code, "edition": number, "content_sha256": canonical.sha256(content.body)},
        private={"organisation": asked.organisation.uscc, "name": content.name},
        at=at,
        by=mandate.membership.person_id,
    )
    made = TechnologyEdition.objects.create(
        technology=known, number=number, name=content.name, practice=content.practice, text=content.text,
        crops=list(content.crops), regions=list(content.regions), effect=content.effect, source=content.source,
        grade=content.grade, methodologies=list(content.methodologies), documents=list(content.documents),
        demonstration=content.demonstration, withdraws=content.withdraws, reason=content.reason,
        initiator=asked.initiator, confirmer=mandate.membership.person, entry=entry, at=at,
    )  # fmt: skip
    made.developments.set(Development.objects.filter(pk__in=content.developments))
    known.current, known.withdrawn, known.at = made, content.withdraws, at
    known.name, known.sought = content.name, content.sought
    known.save()
    return made


def drop(*, asked: Instruction, outcome: str, mandate: Mandate, reason: str, at: datetime) -> Decision:
    """The second person says no, or the first takes it back. Refuses as ``instruction.drop``."""
    if outcome == Decision.Outcome.WITHDRAWN and mandate.membership.person_id != asked.initiator_id:
        raise instructions.WrongMandate(needed=Mandate.Capacity.INITIATE.value, organisation=str(asked.organisation))
    return instructions.drop(
        instruction=asked, outcome=outcome, at=at, by=mandate, reason=reason[:200], undo=lambda one: None
    )
