from django.urls import path

from tanhui.notices.pages import notices, preferences, webhooks

app_name = "notices"
urlpatterns = [
    path("notices", notices.notices, name="notices"),
    path("notices/preferences", preferences.preferences, name="preferences"),
    path("notices/read", notices.read_all, name="read_all"),
    path("notices/<int:key>", notices.notice, name="notice"),
    path("notices/<int:key>/read", notices.read, name="read"),
    path("webhooks", webhooks.webhooks, name="webhooks"),
    path("webhooks/new/<int:organisation>", webhooks.new, name="webhook_new"),
    path("webhooks/<uuid:key>", webhooks.webhook, name="webhook"),
    path("webhooks/<uuid:key>/change", webhooks.change, name="webhook_change"),
    path("webhooks/<uuid:key>/do", webhooks.do, name="webhook_do"),
    path("webhooks/<uuid:key>/replay", webhooks.replay, name="webhook_replay"),
    path("webhooks/<uuid:key>/deliveries/<int:number>", webhooks.delivery, name="delivery"),
    path("webhooks/<uuid:key>/deliveries/<int:number>/resend", webhooks.resend, name="resend"),
]
