from django.urls import URLPattern, path

from tanhui.projects.pages import land, parcels, regions

patterns: list[URLPattern] = [
    path("land/sources", land.sources, name="land"),
    path("land/sources/new", land.open_source, name="land_open"),
    path("land/sources/<int:key>", land.source, name="land_source"),
    path("land/sources/<int:key>/import", land.hand_in, name="land_hand_in"),
    path("land/sources/<int:key>/import/<uuid:upload>", land.map_columns, name="land_map"),
    path("land/sources/<int:key>/parcels", parcels.parcels, name="land_parcels"),
    path("land/sources/<int:key>/potential", parcels.assessed, name="land_potential"),
    path("land/sources/<int:key>/potential/map", parcels.potential_map, name="land_potential_map"),
    path("land/potential", regions.region, name="land_region"),
    path("land/potential/map", regions.region_map, name="land_region_map"),
    path("land/surveys/<uuid:key>", land.survey, name="land_survey"),
    path("land/surveys/<uuid:key>/part", land.survey_part, name="land_survey_part"),
    path("land/surveys/<uuid:key>/findings", land.findings, name="land_findings"),
    path("land/surveys/<uuid:key>/take", land.take_good, name="land_take_good"),
    path("land/surveys/<uuid:key>/withdraw", land.withdraw, name="land_withdraw"),
    path("land/parcels/<uuid:key>", parcels.parcel, name="land_parcel"),
]
