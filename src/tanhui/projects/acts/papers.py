"""The papers of a development or a monitoring period: handed in by the side whose they are, or generated from the data.
A later one takes the place of the earlier, which stays."""

import tempfile
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import Max

from tanhui.files.acts import filing, made
from tanhui.files.models import Upload, Version
from tanhui.identity.acts import instruction
from tanhui.identity.models import Mandate
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import deadlines, machine, numbers, sides
from tanhui.projects.acts import steps
from tanhui.projects.machine import PaperKind
from tanhui.projects.models import Development, Monitoring, Paper
from tanhui.projects.refusals import ORDER_31
from tanhui.projects.sides import Subject

SUBJECT = "projects.development"  # by the development's id; one that is private withholds itself
KIND = "projects.paper"
SIGNING = (Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM)


class PaperUnknown(Refusal):
    code = "projects.paper_unknown"
    sentence = gettext_noop("This procedure has no paper of the kind “%(kind)s”. Choose one from the list.")
    clause = ORDER_31 + "第十一条至第二十二条"
    status = 422


class PaperNotYours(Refusal):
    code = "projects.paper_not_yours"
    sentence = gettext_noop("“%(paper)s” is handed in by %(needed)s; you act for %(organisation)s.")
    clause = ORDER_31 + "第十三条、第十四条、第二十条"
    status = 403


class PaperClosed(Refusal):
    code = "projects.paper_closed"
    sentence = gettext_noop("%(what)s is at “%(state)s”; its papers stay as they are.")
    clause = ORDER_31 + "第十一条至第二十二条"


class NoticeRuns(Refusal):
    code = "projects.notice_runs"
    sentence = gettext_noop(
        "“%(paper)s” is on public notice until %(until)s and stays as it is until then. Answer the comments, and "
        "change it afterwards."
    )
    clause = ORDER_31 + "第十二条、第十九条"


@transaction.atomic
def hand_in(*, subject: Subject, kind: str, upload: Upload, mandate: Mandate, at: datetime) -> Paper:
    """Hand in a paper of the side that acts. Refuses with ``PaperUnknown``, ``PaperNotYours``, ``PaperClosed``,
    ``NoticeRuns`` or as the room of files does."""
    held, one = checked(subject, kind, mandate, at=at)
    document = filing.file(
        subject=subject_of(held), kind=KIND, title=one.label.zh, upload=upload, by=mandate.membership.person, at=at,
        withheld_reason="" if one.public else "PERSONAL",
    )  # fmt: skip
    return keep(held, one, Version.objects.get(document=document, number=1), mandate, at)


@transaction.atomic
def put(*, subject: Subject, kind: str, content: bytes, name: str, mandate: Mandate, at: datetime) -> Paper:
    """Keep a paper the product itself wrote. Refuses as ``hand_in``."""
    held, one = checked(subject, kind, mandate, at=at)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "paper.pdf"
        path.write_bytes(content)
        version = made.put(
            subject=subject_of(held), kind=KIND, title=one.label.zh, path=path, name=name, format="pdf",
            by=mandate.membership.person, at=at, withheld_reason="" if one.public else "PERSONAL",
        )  # fmt: skip
    return keep(held, one, version, mandate, at)


def keep(held: Subject, one: PaperKind, version: Version, mandate: Mandate, at: datetime) -> Paper:
    rows = sides.current_papers(held)
    highest = rows.filter(kind=one.code).aggregate(highest=Max("edition"))["highest"] or 0
    same = rows.filter(kind=one.code, edition=highest, sha256=version.sha256).first()
    if same is not None:
        return same
    key = "development" if isinstance(held, Development) else "monitoring"
    entry = record(
        kind="projects.paper_kept",
        fact={
            key: held.code, "paper": one.code, "edition": highest + 1,
            **({"sha256": version.sha256} if one.public else {}),
        },
        private={key: str(held.pk), "sha256": version.sha256, "name": version.name},
        at=at,
        by=mandate.membership.person_id,
    )  # fmt: skip
    return Paper.objects.create(
        development=numbers.development_of(held), monitoring=held if isinstance(held, Monitoring) else None,
        kind=one.code, edition=highest + 1, document=version.document_id, version=version.number, name=version.name,
        sha256=version.sha256, size_bytes=version.size_bytes, public=one.public,
        organisation=mandate.membership.organisation, by=mandate.membership.person, entry=entry, at=at,
    )  # fmt: skip


def checked(subject: Subject, kind: str, mandate: Mandate, *, at: datetime) -> tuple[Subject, PaperKind]:
    """The row, locked, and the kind of paper, if this mandate may hand it in now."""
    held = steps.locked(subject)
    one = known(held, kind)
    body = mandate.membership.organisation
    if not sides.is_side(held, one.side, body):
        raise PaperNotYours(paper=str(one.label), needed=str(machine.side(one.side)), organisation=body.name)
    if mandate.capacity not in SIGNING:
        raise instruction.WrongMandate(needed=Mandate.Capacity.INITIATE.value, organisation=body.name)
    instruction.check_mandate(mandate, Mandate.Capacity(mandate.capacity), organisation=body.pk, at=at)
    state = deadlines.state(held)
    if state.last:
        raise PaperClosed(what=held.code, state=str(state.label))
    if state.comment and one.side == "OWNER" and one.public and not deadlines.over(held, at=at):
        raise NoticeRuns(paper=str(one.label), until=held.due_on.isoformat() if held.due_on else "—")
    return held, one


def known(held: Subject, kind: str) -> PaperKind:
    """A kind of paper of the procedure. Refuses with ``PaperUnknown``."""
    papers = machine.profile(numbers.development_of(held).profile).papers
    if kind not in papers:
        raise PaperUnknown(kind=kind[:20])
    return papers[kind]


def subject_of(held: Subject) -> str:
    return f"{SUBJECT}:{numbers.development_of(held).pk}"
