"""Addresses of the public library; ``urls`` takes them in after those of proposals."""

from django.urls import URLPattern, path

from tanhui.library.pages import shelf

urlpatterns: list[URLPattern] = [
    path("methodologies", shelf.methodologies, name="methodologies"),
    path("methodologies/named/<str:full_code>", shelf.named, name="named"),
    path("methodologies/<str:code>", shelf.methodology, name="methodology"),
    path("methodologies/<str:code>/changes", shelf.differences, name="differences"),
    path("methodologies/<str:code>/<str:version>", shelf.methodology, name="version"),
    path("methodologies/<str:code>/<str:version>/parameters", shelf.parameters, name="parameters"),
    path("methodologies/<str:code>/<str:version>/package.zip", shelf.package, name="package"),
]
