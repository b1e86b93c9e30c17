"""Every page anyone can walk to, by its links, as each person of the demonstration: axe finds nothing serious on it,
by day and by night, on a desk and on a phone; nothing sticks out, in large text either; nothing breaks the policy or
leaves the origin."""

import re
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve
from tests.journeys.conftest import PHONE

from tanhui.journal import log
from tanhui.site import demonstration, logins

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESK = {"width": 1280, "height": 900}
CALM = {"color_scheme": "light", "viewport": DESK, "reduced_motion": "reduce"}  # no colour is on its way to another
NOT_PAGES = re.compile(
    r"(format|download)=|^/(api|static|log/|map)\b|^/files/.+/\d+/|/papers/[^/]+/\d+|/(pdf|proof|statement|holding|bundle|runs/\d+)$|\.\w{2,5}$"
)
DIFFERENT = ["/nowhere", "/look-up?number=12345", "/look-up?number=7", "/figures/retirements?beneficiary=nobody"]


@pytest.fixture
def shown(db, tmp_path, settings):
    """The demonstration, as ``tanhui demo`` loads it."""
    settings.TANHUI_VAR, settings.TANHUI_SECRETS = tmp_path, tmp_path / "secrets"
    log.read_key.cache_clear()
    demonstration.load(lambda *_: None)
    yield
    log.read_key.cache_clear()


@pytest.fixture
def axe():
    return pytest.importorskip("axe_playwright_python.sync_playwright").Axe()


def test_every_page_a_visitor_can_walk_to_can_be_read_by_everyone(open_page, live_server, shown, axe):
    page = open_page(**CALM)
    seen = [(path, list(look(page, path, axe))) for path in walk(page, live_server.url, set(), DIFFERENT)]

    assert len(seen) > 15, "the walk found hardly any page"
    assert not [fault for _, faults in seen for fault in faults]


def test_every_page_behind_a_sign_in_can_be_read_by_everyone(open_page, live_server, shown, axe, client):
    walked, found = set(), []
    client.raise_request_exception = False
    for who, *_ in logins.PEOPLE:
        page = open_page(**CALM)
        sign_in(page, live_server.url, who)
        for path in walk(page, live_server.url, walked):
            if client.get(path).status_code != 200:  # a visitor's pages were looked at above
                found += [f"{who}: {fault}" for fault in look(page, path, axe)]
        page.context.close()

    assert len(walked) > 15, "the walk found hardly any page"
    assert not found, "\n".join(found)


def sign_in(page, site, who):
    """As the demonstration offers it: one button a person."""
    page.goto(f"{site}/login")
    page.locator(f"form:has(input[value='{who}']) button").first.click()
    page.locator(".workspace").wait_for()


def walk(page, site, walked, more=()):
    """Opens one page of each kind that nobody walked to before, and follows its links; yields each address open."""
    ahead = ["/", *more]
    while ahead:
        path = ahead.pop(0)
        kind = kind_of(path)
        if kind is None or ((kind, "") in walked and path not in more) or NOT_PAGES.search(path):
            continue
        walked.add((kind, path if path in more else ""))
        answer = page.goto(site + path)
        assert answer.status < 500, f"{path} answers {answer.status}"
        if answer.headers["content-type"].startswith("text/html"):
            ahead += page.evaluate(
                "Array.from(document.querySelectorAll('a[href]'), link => link.getAttribute('href'))"
                ".filter(href => /^[/](?![/])/.test(href))"
            )
            yield path


def kind_of(path):
    """The name of the view: one page of each kind stands for all of them."""
    try:
        return resolve(urlsplit(path).path).view_name
    except Resolver404:
        return "not there" if path in DIFFERENT else None


def look(page, path, axe):
    """Four looks at the page that is open: by day wholly, by night its colours, on a desk and on a phone."""
    for viewport in (DESK, PHONE):
        page.set_viewport_size(viewport)
        wide = viewport["width"]
        for text in ("large", ""):
            page.evaluate("text => document.documentElement.setAttribute('data-text', text)", text)
            beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if beyond > 0:
                yield f"{path} at {wide}, text {text or 'as usual'}: {beyond} px wider than the screen"
        for scheme, rules in (("light", None), ("dark", ["color-contrast"])):
            page.emulate_media(color_scheme=scheme)
            options = {"runOnly": {"type": "rule", "values": rules}} if rules else {}
            for one in axe.run(page, options=options).response["violations"]:
                if one["impact"] in {"serious", "critical"}:
                    where = [node["target"] for node in one["nodes"]][:3]
                    yield f"{path} at {wide}, {scheme}: {one['id']}: {one['help']} {where}"
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESK)
