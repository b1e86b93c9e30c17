"""The addresses of green records, recognised regions and outside apps."""

from django.urls import URLPattern, path

from tanhui.inclusion.pages import apps, credit, regions

patterns: list[URLPattern] = [
    path("carbon/credit", credit.mine, name="credit_mine"),
    path("carbon/credit/<uuid:key>", credit.agree, name="credit_agree"),
    path("carbon/regions", regions.mine, name="carbon_regions"),
    path("carbon/apps", apps.mine, name="carbon_apps"),
    path("credit", credit.own, name="credit_own"),
    path("credit/check", credit.check, name="credit_check"),
    path("credit/received", credit.received, name="credit_received"),
    path("credit/<uuid:key>", credit.ask, name="credit_ask"),
    path("regions", regions.listing, name="regions"),
    path("desk/credit", credit.desk, name="desk_credit"),
    path("desk/regions", regions.desk, name="desk_regions"),
    path("desk/regions/<uuid:key>", regions.region, name="desk_region"),
    path("desk/apps", apps.desk, name="desk_apps"),
]
