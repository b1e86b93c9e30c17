from django.urls import URLPattern, path

from tanhui.projects.pages import panels, review, yearly

patterns: list[URLPattern] = [
    path("desk/verification", review.desk, name="reviews"),
    path("desk/verification/<uuid:key>", review.workbench, name="workbench"),
    path("desk/verification/<uuid:key>/checklist", review.checklist, name="review_checklist"),
    path("desk/verification/<uuid:key>/bundle.json", review.bundle, name="review_bundle"),
    path("verification/reports", yearly.reports, name="work_reports"),
    path("developments/<uuid:key>/findings", review.findings, name="findings"),
    path("developments/<uuid:key>/samples/<int:number>.json", review.sample_paper, name="sample_paper"),
    path("desk/panels", panels.desk, name="panels_desk"),
    path("desk/panels/about/<uuid:key>", panels.convene, name="panel_convene"),
    path("desk/panels/<uuid:key>", panels.panel, name="panel"),
    path("desk/experts", panels.roster, name="experts_desk"),
    path("panels", panels.seats, name="my_panels"),
    path("panels/seats/<int:key>", panels.seat, name="panel_seat"),
    path("experts", panels.experts, name="experts"),
    path("panels/<uuid:key>/minutes", panels.minutes, name="panel_minutes"),
    path("panels/<uuid:key>/minutes.pdf", panels.minutes_pdf, name="panel_minutes_pdf"),
]
