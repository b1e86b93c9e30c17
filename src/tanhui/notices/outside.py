"""What carries letters: Django's e-mail, and an adapter for text messages that an operator's gateway stands behind."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext

from tanhui.identity.models import Person
from tanhui.notices.models import Notice


class TextMessages(Protocol):
    """A gateway for text messages; ``settings.TANHUI_SMS`` names the class. What it raises is tried again later."""

    def send(self, *, number: str, text: str, reference: str) -> None:
        """Hand one message over. ``reference`` is the same when the same message comes again."""


class TextFolder:
    """Text messages where no gateway is named: each is a file with the number's last digits and the text."""

    def send(self, *, number: str, text: str, reference: str) -> None:
        said = f"***{number[-4:]}\n{text}\n".encode()
        keep(Path(settings.TANHUI_VAR) / "sms", f"{reference}.txt", said)


def keep(folder: Path, name: str, content: bytes) -> None:
    """A file that is there as a whole or not at all, for its owner's eyes."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f".{name}.{os.getpid()}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    draft.replace(folder / name)


def text_messages() -> TextMessages:
    """The gateway in use."""
    made: TextMessages = import_string(settings.TANHUI_SMS)()
    return made


def link(notice: Notice) -> str:
    """Where a letter leads: the notice's own page, which asks the reader to sign in. The address carries no secret."""
    return f"{settings.TANHUI_ADDRESS}/notices/{notice.pk}"


def mail(person: Person, notices: Sequence[Notice], *, language: str, reference: str) -> EmailMultiAlternatives:
    """One e-mail of one notice, or of a day's, in plain text and plain HTML."""
    with translation.override(language):
        words = {
            "person": person,
            "lines": [(one.said("subject"), one.said("body"), link(one), one.at) for one in notices],
            "several": len(notices) > 1,
            "brand": settings.TANHUI_OPERATOR.get("name") or gettext("Carbon sink registry"),
            "settings_url": f"{settings.TANHUI_ADDRESS}/notices/preferences",
            "demonstration": settings.TANHUI_MODE == "demonstration",
        }
        subject = notices[0].said("subject")
        if len(notices) > 1:
            subject = gettext("%(count)s notices") % {"count": len(notices)}
        message = EmailMultiAlternatives(
            subject=f"[{words['brand']}] {subject}".replace("\n", " "),
            body=render_to_string("notices/mail.txt", words),
            to=[person.email],
            headers={
                "Message-ID": f"<{reference}@{settings.TANHUI_ADDRESS.partition('://')[2].partition(':')[0]}>",
                "Auto-Submitted": "auto-generated",
                "List-Unsubscribe": f"<{words['settings_url']}>",
            },
        )
        message.attach_alternative(render_to_string("notices/mail.html", words), "text/html")
    return message


def text(notices: Iterable[Notice], *, language: str) -> str:
    """A text message: the subject alone, and that the rest is on the site."""
    with translation.override(language):
        said = "; ".join(one.said("subject") for one in notices)
        return gettext("%(said)s. Sign in to the registry for details.") % {"said": said}
