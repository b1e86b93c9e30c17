from django.urls import URLPattern

from tanhui.inclusion import urls_carbon, urls_policy, urls_rewards, urls_scenarios

app_name = "inclusion"
urlpatterns: list[URLPattern] = [
    *urls_carbon.patterns,
    *urls_policy.patterns,
    *urls_rewards.patterns,
    *urls_scenarios.patterns,
]
