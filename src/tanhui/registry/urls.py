from django.urls import path

from tanhui.registry.pages import book, certificates, holdings, instructions, moves

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
    path("instructions", instructions.instructions, name="instructions"),
    path("instructions/<uuid:key>", instructions.instruction, name="instruction"),
]
