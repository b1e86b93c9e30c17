from django.urls import path

from tanhui.registry.pages import (
    book,
    certificates,
    holdings,
    instructions,
    moves,
    opening,
    opening_desk,
    opening_filling,
    opening_papers,
)

app_name = "registry"
urlpatterns = [
    path("certificates/<str:number>", certificates.certificate, name="certificate"),
    path("certificates/<str:number>/pdf", certificates.pdf, name="certificate_pdf"),
    path("certificates/<str:number>/proof", certificates.proof, name="certificate_proof"),
    path("account", holdings.mine, name="mine"),
    path("accounts/<str:code>", book.holdings, name="holdings"),
    path("accounts/<str:code>/movements", book.movements, name="movements"),
    path("accounts/<str:code>/statement", holdings.statement, name="statement"),
    path("accounts/<str:code>/holding", holdings.holding, name="holding"),
    path("accounts/<str:code>/transfer", moves.transfer, name="transfer"),
    path("accounts/<str:code>/retire", moves.retire, name="retire"),
    path("instructions", book.instructions, name="instructions"),
    path("instructions/<uuid:key>", instructions.instruction, name="instruction"),
    path("openings", opening.mine, name="openings"),
    path("openings/new", opening.start, name="opening_start"),
    path("openings/seats/<str:code>", opening.seat, name="opening_seat"),
    path("openings/<uuid:key>", opening.opening, name="opening"),
    path("openings/<uuid:key>/edit/<str:part>", opening_filling.edit, name="opening_edit"),
    path("openings/<uuid:key>/check", opening_filling.check, name="opening_check"),
    path("openings/<uuid:key>/print", opening.print_out, name="opening_print"),
    path("openings/<uuid:key>/papers", opening_papers.renewal, name="opening_papers"),
    path("openings/<uuid:key>/papers/<uuid:document>/<int:number>", opening_papers.paper, name="opening_paper"),
    path("desk/openings", opening_desk.queue, name="opening_desk"),
    path("desk/openings/<str:view>", opening_desk.queue, name="opening_queue"),
    path("desk/openings/<uuid:key>/review", opening_desk.review, name="opening_review"),
    path("desk/openings/<uuid:key>/compare/<int:earlier>/<int:later>", opening_desk.compare, name="opening_compare"),
]
