"""The site with one more page: a form that takes a file, as a room would write it."""

from django.http import HttpResponse
from django.template import RequestContext, Template
from django.urls import path
from django.utils import timezone

from tanhui.files import forms
from tanhui.files.acts import filing
from tanhui.identity import rights
from tanhui.kernel.refusal import Refusal
from tanhui.site.urls import urlpatterns as site
from tanhui.ui import refusals

PAGE = Template(
    """{% extends "ui/base.html" %}{% load files static %}{% block title %}Form{% endblock %}
{% block scripts %}<script src="{% static 'files/upload.js' %}" defer></script>{% endblock %}
{% block main %}<p id="told">{{ told }}</p><form method="post" enctype="multipart/form-data">{% csrf_token %}
{% upload "paper" kind "项目边界" %}<button class="btn btn-primary" id="send">提交</button></form>{% endblock %}"""
)


@rights.needs(rights.PERSON)
def form(request, kind):
    told = ""
    if request.method == "POST":
        try:
            now = timezone.now()
            upload = forms.upload(request, "paper", kind=kind, at=now, label="项目边界")
            filing.file(subject="test.case:1", kind=kind, title="项目边界", upload=upload, by=request.user, at=now)
            told = "归档完成"
        except Refusal as refusal:
            told = refusals.say(refusal)
    return HttpResponse(PAGE.render(RequestContext(request, {"told": told, "kind": kind, "request": request})))


urlpatterns = [path("test/form/<str:kind>", form), *site]
