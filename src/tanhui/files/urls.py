from django.urls import path

from tanhui.files.pages import documents, exports, rasters

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
    path("files/<uuid:key>/map/<int:number>", rasters.shown, name="raster"),
    path("files/<uuid:key>/map/<int:number>/<int:level>/<int:column>/<int:row>.png", rasters.tile, name="raster_tile"),
    path("files/<uuid:key>/<int:number>/<str:name>", documents.download, name="download"),
]
