"""Certificates: public by their number, with proof."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from tanhui.identity import rights
from tanhui.journal import queries as journal
from tanhui.registry import access, certificates
from tanhui.registry.api import reading, shapes
from tanhui.registry.api.answers import PDF, pdf
from tanhui.tlog import bundle

router = Router(tags=["证书"], auth=None)
BUNDLE = {"type": "object", "required": ["format", "leaf", "checkpoint"]}
PROOF = {"responses": {200: {"content": {"application/json": {"schema": BUNDLE}}}}}


@router.get(
    "/certificates/{number}.pdf", response=None, operation_id="getCertificatePdf", summary="注销证书（PDF，含证明）",
    openapi_extra=PDF,
)  # fmt: skip
@rights.needs(rights.PUBLIC)
def certificate_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The sealed certificate, PDF/A-3 with its proof inside; the same bytes whenever it is asked for."""
    found = access.certificate(number)
    return pdf(certificates.certificate(found), found.certificate)


@router.get(
    "/certificates/{number}/proof", response=None, operation_id="getCertificateProof", summary="证书的证明包",
    openapi_extra=PROOF,
)  # fmt: skip
@rights.needs(rights.PUBLIC)
def proof(request: HttpRequest, number: str) -> HttpResponse:
    """The proof bundle as a file: all that `tanhui verify` needs."""
    found = access.certificate(number)
    made = journal.prove(found.entry)
    if made is None:
        raise certificates.CertificateNotReady(number=found.certificate)
    return HttpResponse(bundle.dumps(made), content_type="application/json")


@router.get("/certificates/{number}", response=shapes.Certificate, operation_id="getCertificate", summary="注销证书")
@rights.needs(rights.PUBLIC)
def certificate(request: HttpRequest, number: str) -> shapes.Certificate:
    """What was retired, why, and on whose behalf, with the place in the log."""
    return reading.certificate(access.certificate(number))
