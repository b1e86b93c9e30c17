"""The addresses of scenarios, providers, settlements and what waits for a decision."""

from django.urls import URLPattern, path

from tanhui.inclusion.pages import batches, console, provider_desk, scenario_desk, scenarios

patterns: list[URLPattern] = [
    path("scenarios", scenarios.listing, name="scenarios"),
    path("scenarios/rules", scenarios.rules, name="anticheat"),
    path("scenarios/apply", scenario_desk.apply, name="scenario_apply"),
    path("scenarios/providers", provider_desk.mine, name="providers"),
    path("scenarios/providers/<slug:code>", provider_desk.own, name="provider"),
    path("scenarios/batches/<uuid:key>", batches.batch, name="batch"),
    path("scenarios/held-back/<uuid:key>", console.suspicion, name="suspicion"),
    path("desk/scenarios", scenario_desk.listing, name="desk_scenarios"),
    path("desk/scenarios/<slug:code>", scenario_desk.scenario, name="desk_scenario"),
    path("desk/providers", provider_desk.listing, name="desk_providers"),
    path("desk/providers/new", provider_desk.enter, name="provider_enter"),
    path("desk/providers/<slug:code>", provider_desk.provider, name="desk_provider"),
    path("desk/settlements", console.console, name="console"),
    path("desk/suspicions", console.suspicions, name="suspicions"),
    # After every other address here: a scenario's code stands where they have a word.
    path("scenarios/<slug:code>", scenarios.scenario, name="scenario"),
]
