"""The section ``list`` of ``bench/projects.py``: the public list of 100,000 developments, each page made anew."""

import statistics
import time
from typing import Any

import psycopg

import _base as base

P95 = 0.1  # seconds
TIMES = 20
PLACES = ("巴林左旗", "松山区", "敖汉旗", "宁城县", "青浦区", "上虞区", "宜宾市", "洪雅县")
KINDS = ("造林碳汇", "竹林经营", "退化草原修复", "水稻甲烷减排", "沼气利用", "农田固碳", "红树林营造", "分布式光伏")
SCHEMES, METHODOLOGIES = ("CCER", "SHCER", "SCLCER", "DEMO"), ("CCER-14-001-V01", "CCER-14-002-V01", "AR-CM-001-V01")
COUNTIES = ("150422", "150404", "150430", "150429", "310118", "330604", "511500", "511423")
STATES = ("PDD_PUBLICITY", "VALIDATION", "REG_CHECK", "REGISTERED", "REGISTERED", "CANCELLED", "DRAFT")
FILL = """
INSERT INTO projects_development (id, number, name, profile, scheme, rule_pack, local_pack, methodology, owner_id,
    division_code, draft, state, stage_since, stage, "limit", provisional, used_days, revision, suspended_from,
    opened_by_id, opened_at, changed_at, crediting)
SELECT gen_random_uuid(), n, (%(places)s::text[])[1 + n %% 8] || (%(kinds)s::text[])[1 + n / 8 %% 8] || '项目' || n,
    'ccer', (%(schemes)s::text[])[1 + n %% 4], 'demo-local', '', (%(methodologies)s::text[])[1 + n %% 3], %(owner)s,
    (%(counties)s::text[])[1 + n %% 8], jsonb_build_object('kind', (%(kinds)s::text[])[1 + n / 8 %% 8]),
    (%(states)s::text[])[1 + n %% 7], %(now)s, '', '{}', false, 0, 1, '', %(person)s,
    %(now)s::timestamptz - n * interval '20 minutes', %(now)s, daterange('2024-01-01', '2044-01-01')
FROM generate_series(1, %(number)s) AS n
"""
LAND = """
INSERT INTO projects_boundary (development_id, name, geometry, box, area_m2, geometry_sha256)
SELECT id, '小班', '\\x00', box(point(119 + number %% 300 * 0.01, 42), point(119.005 + number %% 300 * 0.01, 42.005)),
    250000, repeat('0', 64) FROM projects_development
"""


def fill(number: int) -> None:
    from django.db import connection
    from django.utils import timezone

    import _world as worlds
    from tanhui.identity.models import Organisation

    now = timezone.now()
    owner, signatures = worlds.body(3, Organisation.Role.OWNER)
    values = {
        "places": list(PLACES), "kinds": list(KINDS), "schemes": list(SCHEMES), "methodologies": list(METHODOLOGIES),
        "counties": list(COUNTIES), "states": list(STATES), "owner": owner.pk, "now": now, "number": number,
        "person": signatures.initiator.membership.person_id,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(FILL, values)
        cursor.execute(LAND.replace("%%", "%"))
    with psycopg.connect(base.owner_url(), autocommit=True) as owner:  # as autovacuum does within a minute
        owner.execute("ANALYZE projects_development, projects_boundary")


def asked(number: int) -> dict[str, dict[str, Any]]:
    """What people ask: name of the line, and the address's parameters."""
    return {
        "newest first": {}, "one character, half fit": {"q": "林"}, "a rare substring": {"q": f"项目{number - 7}"},
        "one county, one state": {"county": "150404", "status": "good"},
        "a name in a county": {"q": "造林", "county": "150422"},
        "nothing fits": {"q": "潮间带"}, "deep in the list": {"before": str(number // 2)},
        "type, methodology, year": {"kind": "水稻甲烷减排", "methodology": "CCER-14-001-V01", "year": "2025"},
    }  # fmt: skip


def listed(number: int) -> list[base.Line]:
    """The whole page by Django's client, made anew each time; what the filters offer is remembered for a minute."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from tanhui.projects.queries import listing
    from tanhui.site.wsgi import settle_memory

    fill(number)
    begun = time.monotonic()
    listing.facets()
    print(f"  what the filters offer: {(time.monotonic() - begun) * 1000:.0f} ms")
    settings.TANHUI_REMEMBER, settings.ALLOWED_HOSTS = 0.001, ["*"]
    client, lines, counted = Client(), [], set()
    client.get("/developments/all")
    settle_memory()
    for name, given in asked(number).items():
        times = []
        for _turn in range(TIMES + 2):
            begun = time.monotonic()
            answer = client.get("/developments/all", given)
            times.append(time.monotonic() - begun)
            if answer.status_code != 200:
                raise RuntimeError(f"{name}: {answer.status_code}")
        with CaptureQueriesContext(connection) as sent:
            client.get("/developments/all", given)
        counted.add(len(sent))
        p95 = statistics.quantiles(times[2:], n=20)[-1]
        print(f"  {name}: median {statistics.median(times[2:]) * 1000:.0f} ms, {len(sent)} statements")
        lines.append(base.Line(f"{number:,} developments: {name}, p95", p95 * 1000, "ms", P95 * 1000, 1.0, "less"))
    print(f"  statements: {sorted(counted)}")
    return lines
