from django.urls import URLPattern, path

from tanhui.projects.pages import agreements, pool

patterns: list[URLPattern] = [
    path("pool", pool.listing, name="pool"),
    path("pool/new", pool.new, name="candidate_new"),
    path("pool/<uuid:key>", pool.candidate, name="candidate"),
    path("agreements", agreements.listing, name="agreements"),
    path("agreements/new", agreements.new, name="agreement_new"),
    path("agreements/earlier", agreements.absorb, name="absorb"),
    path("agreements/asked/<uuid:key>", agreements.asked, name="agreement_asked"),
    path("agreements/<uuid:key>", agreements.agreement, name="agreement"),
]
