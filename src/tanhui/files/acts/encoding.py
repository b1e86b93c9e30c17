"""Saying in which encoding a shapefile's attributes are written, when it does not say so itself."""

from django.db import transaction

from tanhui.files.models import Upload
from tanhui.kernel.refusal import Refusal, gettext_noop


class EncodingUnknown(Refusal):
    code = "files.encoding_unknown"
    sentence = gettext_noop("“%(given)s” is not an encoding offered for this file. Choose one of: %(offered)s.")
    clause = "ESRI Shapefile Technical Description (1998)"
    status = 422


@transaction.atomic
def choose(*, upload: Upload, encoding: str) -> Upload:
    """Read an upload's attributes in this encoding from now on; until it is filed the choice can be changed.

    What the attributes say in it becomes a fact of the upload. Refuses with ``EncodingUnknown``.
    """
    row = Upload.objects.select_for_update().get(pk=upload.pk)
    previews = row.facts.get("previews", {})
    if encoding not in previews:
        raise EncodingUnknown(given=encoding[:20], offered=", ".join(previews) or "–")
    row.encoding = encoding
    row.facts = row.facts | {"sample": previews[encoding]}
    row.save(update_fields=["encoding", "facts"])
    return row
