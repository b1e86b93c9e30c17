"""Papers written from the data, kept beside those that are handed in. The same data give the same paper."""

from datetime import datetime

from django.db import transaction

from tanhui.identity.models import Mandate
from tanhui.projects import documents
from tanhui.projects.acts import papers
from tanhui.projects.models import Paper
from tanhui.projects.sides import Subject


@transaction.atomic
def write(*, subject: Subject, kind: str, mandate: Mandate, at: datetime) -> Paper:
    """Write a paper of a kind from the data as it stands, and keep it. Refuses with ``papers.PaperUnknown``,
    ``ui.glyph_missing`` or as ``papers.put``."""
    held, one = papers.checked(subject, kind, mandate, at=at)
    if kind not in documents.NAMES:
        raise papers.PaperUnknown(kind=str(one.label))
    content, name = documents.write(held, kind)
    return papers.put(subject=held, kind=kind, content=content, name=name, mandate=mandate, at=at)
