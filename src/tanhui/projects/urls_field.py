from django.urls import URLPattern, path

from tanhui.projects.pages import field, field_months, late, plots

patterns: list[URLPattern] = [
    path("field", field.index, name="field"),
    path("field/worker.js", plots.worker, name="field_worker"),
    path("field/devices/new", field.device_new, name="device_new"),
    path("field/devices/<str:code>", field.device, name="device"),
    path("field/devices/<str:code>/sheet", late.sheet_new, name="reading_sheet_new"),
    path("field/sheets/<uuid:key>", late.sheet, name="reading_sheet"),
    path("field/months/<uuid:key>", field_months.months, name="field_months"),
    path("field/months/<uuid:key>/<int:year>-<int:month>.json", field_months.manifest, name="field_manifest"),
    path("field/plots/<uuid:key>", plots.survey, name="plots"),
    path("field/plots/<uuid:key>/state", plots.state, name="plots_state"),
    path("field/plots/<uuid:key>/visits", plots.send, name="plots_send"),
    path("field/plots/<uuid:key>/photos", plots.photo, name="plots_photo"),
    path("field/plots/<uuid:key>/template.xlsx", plots.template, name="plots_template"),
    path("field/plots/<uuid:key>/table", plots.table, name="plots_table"),
    path("field/plots/<uuid:key>/conflicts", plots.choose, name="plots_choose"),
]
