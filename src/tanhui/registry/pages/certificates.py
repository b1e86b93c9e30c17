from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from tanhui.identity import rights
from tanhui.journal import queries as journal
from tanhui.registry import access, certificates, queries
from tanhui.registry.pages import wording
from tanhui.tlog import bundle
from tanhui.ui import shared


@rights.needs(rights.PUBLIC)
@require_safe
def certificate(request, number):
    """What the register says of a certificate, and the proof that it said so; public."""
    one = shared.kept(request, lambda: access.certificate(number))
    return shared.render(request, "registry/certificate.html", lambda: told(one), retirement=one)


def told(one):
    """What was retired and how it can be recomputed, what became of its projects, and the proof."""
    made = journal.prove(one.entry)
    retired = queries.retired(one)
    projects = {batch.project_id for batch, _, _ in retired}
    bundles = queries.recomputable(batch for batch, _, _ in retired)
    return {
        "ended": queries.ended(projects),
        "clawbacks": queries.open_clawbacks(projects),
        "parts": [
            {
                "batch": batch,
                "tonnes": tonnes,
                "serials": [wording.printed(batch, block) for block in blocks],
                "period": batch.issuance and batch.issuance.period,
                "has_bundle": bool(batch.issuance and batch.issuance.period_id in bundles),
            }
            for batch, tonnes, blocks in retired
        ],
        "proof": made and wording.proof(made),
    }


@rights.needs(rights.PUBLIC)
@require_safe
def pdf(request, number):
    """The sealed paper; while its fact waits for its place in the log, the page that says so."""
    one = access.certificate(number)
    try:
        return download(certificates.certificate(one), f"{one.certificate}.pdf", "application/pdf")
    except certificates.CertificateNotReady:
        return redirect("registry:certificate", one.certificate)


@rights.needs(rights.PUBLIC)
@require_safe
def proof(request, number):
    """The proof as a file: all ``tanhui verify`` needs."""
    one = access.certificate(number)
    made = journal.prove(one.entry)
    if made is None:
        return redirect("registry:certificate", one.certificate)
    return download(bundle.dumps(made), f"{one.certificate}.json", "application/json")


def download(data, name, kind):
    return HttpResponse(data, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
