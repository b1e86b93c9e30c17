from django.urls import path

from tanhui.files.pages import documents, exports

app_name = "files"
urlpatterns = [
    path("files/exports", exports.mine, name="exports"),
    path("files/exports/part", exports.part, name="exports_part"),
    path("files/exports/new", exports.export, name="export"),
    path("files/exports/<uuid:key>/file", exports.file, name="export_file"),
    path("files/exports/<uuid:key>/forget", exports.forget, name="export_forget"),
    path("files/exports/<uuid:key>/again", exports.again, name="export_again"),
    path("files/uploads/<uuid:key>/encoding", documents.encoding, name="encoding"),
    path("files/<uuid:key>", documents.document, name="document"),
    path("files/<uuid:key>/<int:number>/<str:name>", documents.download, name="download"),
]
