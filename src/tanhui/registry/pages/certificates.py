from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tanhui.journal import queries as journal
from tanhui.registry import access, queries
from tanhui.registry.pages import wording
from tanhui.tlog import bundle


@require_safe
def certificate(request, number):
    """What the register says of a certificate, and the proof that it said so; public."""
    one = access.certificate(number)
    made = journal.prove(one.entry)
    return render(request, "registry/certificate.html", {
        "retirement": one,
        "parts": [
            {"batch": batch, "tonnes": tonnes, "serials": [wording.printed(batch, block) for block in blocks]}
            for batch, tonnes, blocks in queries.retired(one)
        ],
        "proof": made and wording.proof(made),
    })


@require_safe
def proof(request, number):
    """The proof as a file: all ``tanhui verify`` needs."""
    made = journal.prove(access.certificate(number).entry)
    if made is None:
        raise Http404
    return HttpResponse(
        bundle.dumps(made),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{number}.json"'},
    )
