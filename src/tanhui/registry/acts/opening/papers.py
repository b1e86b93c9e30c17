"""The papers of an application (rules A-07): handed in while it is filled in, renewed when they run out."""

from datetime import date, datetime

from django.db import transaction

from tanhui.files.acts import filing
from tanhui.files.models import Document, Upload, Version
from tanhui.identity.models import Person
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.registry.acts.opening import content, drafting
from tanhui.registry.models import Application, Paper

SUBJECT = "registry.application"
FORMATS = "registry.kyc"  # the kind of file, as the room of files knows it


class PaperKindUnknown(Refusal):
    code = "registry.paper_kind_unknown"
    sentence = gettext_noop("An application has no paper of the kind “%(kind)s”. Choose one from the list.")
    clause = "rules A-07: papers of the application"
    status = 422


class NotRenewable(Refusal):
    code = "registry.paper_not_renewable"
    sentence = gettext_noop("The application is at “%(state)s”; papers are renewed once the account is open.")
    clause = "rules A-07: expiry reminders"


@transaction.atomic
def hand_in(
    *, application: Application, kind: str, upload: Upload, valid_until: date | None, endless: bool, by: Person,
    at: datetime,
) -> Paper:  # fmt: skip
    """Add a paper or put a better one in its place. Refuses with ``PaperKindUnknown``, ``content.PaperExpired``,
    ``drafting.NotYours``, ``drafting.NotEditable`` or as ``files`` does."""
    held = drafting.editable(application, by=by)
    made = keep(held, kind, upload, valid_until, endless, by, at)
    held.version, held.changed_at = held.version + 1, at
    held.save(update_fields=["version", "changed_at"])
    return made


def keep(
    held: Application, kind: str, upload: Upload, valid_until: date | None, endless: bool, by: Person, at: datetime
) -> Paper:
    if kind not in Paper.Kind.values:
        raise PaperKindUnknown(kind=kind[:20])
    if valid_until is not None and valid_until < clock.day(at):
        raise content.PaperExpired(until=valid_until.isoformat())
    present = held.papers.filter(kind=kind).first()
    if present:
        version = filing.replace(document=Document.objects.get(pk=present.document), upload=upload, by=by, at=at)
    else:
        subject = f"{SUBJECT}:{held.pk}"
        document = filing.file(
            subject=subject, kind=FORMATS, title=Paper.Kind(kind).value, upload=upload, by=by, at=at
        )  # fmt: skip
        version = Version.objects.get(document=document, number=1)
        present = Paper(application=held, kind=kind, document=document.pk)
    present.version, present.name, present.sha256 = version.number, version.name, version.sha256
    present.size_bytes, present.valid_until, present.endless = version.size_bytes, valid_until, endless
    present.save()
    return present


@transaction.atomic
def date_paper(
    *, application: Application, kind: str, valid_until: date | None, endless: bool, by: Person, at: datetime
) -> Paper:
    """Say until when a paper that was handed in is valid. Refuses as ``hand_in``."""
    held = drafting.editable(application, by=by)
    present = held.papers.filter(kind=kind).first()
    if present is None:
        raise content.PaperMissing
    if (present.valid_until, present.endless) != (valid_until, endless):
        if valid_until is not None and valid_until < clock.day(at):
            raise content.PaperExpired(until=valid_until.isoformat())
        present.valid_until, present.endless = valid_until, endless
        present.save(update_fields=["valid_until", "endless"])
        held.version, held.changed_at = held.version + 1, at
        held.save(update_fields=["version", "changed_at"])
    return present


@transaction.atomic
def renew(
    *, application: Application, kind: str, upload: Upload, valid_until: date | None, endless: bool, by: Person,
    at: datetime,
) -> Paper:  # fmt: skip
    """Put a present paper in the place of one that runs out, for an account that is open; the registry sees it.

    Refuses with ``NotRenewable``, ``PaperKindUnknown``, ``content.PaperExpired``, ``content.PaperWithoutEnd`` or as
    ``files`` does.
    """
    held = Application.objects.select_for_update(of=("self",)).select_related("account").get(pk=application.pk)
    if held.account is None:
        raise NotRenewable(state=held.get_state_display())
    if valid_until is None and not endless and kind in Paper.EXPIRING:
        raise content.PaperWithoutEnd
    made = keep(held, kind, upload, valid_until, endless, by, at)
    record(
        kind="registry.paper_renewed",
        fact={"account": held.account.code, "paper": kind},
        private={"id": str(held.pk), "sha256": made.sha256, "valid_until": str(valid_until or "")},
        at=at,
        by=by.pk,
    )
    return made
