"""The addresses of a resident's own account, and of the desk that answers for it."""

from django.urls import URLPattern, path

from tanhui.inclusion.pages import carbon, carbon_account, carbon_desk

patterns: list[URLPattern] = [
    path("carbon", carbon.home, name="carbon"),
    path("carbon/open", carbon_account.open_, name="carbon_open"),
    path("carbon/months/<int:year>/<int:number>", carbon.month, name="carbon_month"),
    path("carbon/days/<str:on>", carbon.day, name="carbon_day"),
    path("carbon/scenarios", carbon.switches, name="carbon_switches"),
    path("carbon/years/<int:number>", carbon.year, name="carbon_year"),
    path("carbon/ranking", carbon.ranking, name="carbon_ranking"),
    path("carbon/points", carbon_account.statement, name="carbon_points"),
    path("carbon/me", carbon_account.me, name="carbon_me"),
    path("carbon/me/data.zip", carbon_account.export, name="carbon_export"),
    path("carbon/receipts/<uuid:key>", carbon_account.receipt, name="carbon_receipt"),
    path("carbon/statistics", carbon.statistics, name="carbon_statistics"),
    path("desk/carbon", carbon_desk.desk, name="carbon_desk"),
]
