"""Whose second signature is awaited: of a step of a project, and of a list of another mechanism. Who must sign is told,
and the first person hears when it was not signed."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse

from tanhui.identity.models import Instruction, Person
from tanhui.kernel import clock
from tanhui.kernel.refusal import gettext_noop
from tanhui.notices.telling import Fact, holders, settles, tell
from tanhui.projects import deadlines, telling_cycle
from tanhui.projects.acts import asking, foreign
from tanhui.projects.models import Development
from tanhui.projects.queries import cycle
from tanhui.projects.sides import Subject

ACTS = (asking.ACT, foreign.ACT)


def asked(fact: Fact) -> Instruction | None:
    """The instruction of this room that a fact is about, if it is one of these."""
    rows = Instruction.objects.filter(pk=fact.fact["instruction"], act__in=ACTS)
    found: Instruction | None = fact.once("projects.signature", rows.select_related("organisation", "initiator").first)
    return found


def subject(one: Instruction) -> Subject:
    """The case a step was asked for in."""
    if one.body["machine"] == "development":
        found: Development = cycle.rows().get(pk=one.body["subject"])
        return found
    return cycle.periods().get(pk=one.body["subject"])


def confirmers(fact: Fact) -> Iterable[Person]:
    one = asked(fact)
    if one is None:
        return []
    return holders(one.organisation, capacities=["CONFIRM"], without=one.initiator_id, at=fact.at)


def initiator(fact: Fact) -> Iterable[Person]:
    """Whoever signed first, unless they took it back themselves."""
    one = asked(fact)
    return [] if one is None or fact.fact["outcome"] == "WITHDRAWN" else [one.initiator]


def page(fact: Fact) -> str:
    one = asked(fact)
    if one is None:
        return ""
    if one.act == foreign.ACT:
        return reverse("projects:foreign_asked", args=[one.pk])
    return telling_cycle.address(subject(one))


def words(fact: Fact) -> Mapping[str, Any]:
    one = asked(fact)
    assert one is not None
    return {
        "what": said(one), "initiator": one.initiator.name, "organisation": one.organisation.name,
        "until": clock.for_people(one.expires_at), "reason": fact.private.get("reason") or "—",
    }  # fmt: skip


def said(one: Instruction) -> str:
    """What is to be signed, in the reader's language."""
    if one.act == foreign.ACT:
        return f"{one.body['source']} {one.body['as_of']}"
    held = subject(one)
    label = next((row.label for row in deadlines.of(held).table if row.act == one.body["act"]), one.body["act"])
    return f"{held.code} {label}"


tell(
    "identity.instruction_given", name="projects.signature", category="INSTRUCTION", recipients=confirmers, url=page,
    words=words, subject=gettext_noop("Your second signature is awaited: %(what)s"),
    body=gettext_noop("%(initiator)s signed first for %(organisation)s. Look at it and sign until %(until)s, or not."),
)  # fmt: skip
tell(
    "identity.instruction_dropped", name="projects.signature", category="INSTRUCTION", recipients=initiator, url=page,
    words=words, subject=gettext_noop("Not signed a second time: %(what)s"),
    body=gettext_noop("It is not carried out, and the case stands where it stood. Reason: %(reason)s"),
)  # fmt: skip
settles("identity.instruction_dropped", page)
