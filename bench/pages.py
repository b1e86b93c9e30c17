"""What people look at, in a full register: ``python bench/pages.py [--json] [--quick] [--projects N]``.

100,000 projects, 1,100,000 blocks and 1,000,000 retirements are loaded (``--quick``: a fiftieth), then the real server
(granian, two worker processes) answers eight clients with kept-open sockets and a signed-in session. The limit is an
empty page for whoever is signed in, on the same server, taken turn about. Each page must answer 95 of 100 warm requests
within 100 ms, at a quarter of the empty page's rate. With ``--grow`` the pages are also timed at a tenth of the size,
which says how their cost grows with the register.
"""

import argparse
import sys
import time
from collections import defaultdict

import _base as base
import web

PAGES = {
    "home": "/",
    "project list": "/figures/projects",
    "project page": "/projects/100005",
    "look-up": "/look-up?number={unit}",
    "certificate page": "/certificates/{certificate}",
    "holdings": "/accounts/{account}",
}
SECONDS = 3
OWNERS = 1000


def furnish(projects: int) -> tuple[dict[str, str], str]:
    """A register of that size; what the pages' addresses need, and the cookie of somebody who may see the account."""
    from django.test import Client
    from django.utils import timezone

    import _register
    import _world as worlds
    from tanhui.identity.models import Organisation
    from tanhui.journal import sequencer
    from tanhui.portal.acts import upkeep
    from tanhui.registry.acts import retirement
    from tanhui.registry.acts.lines import Wanted
    from tanhui.registry.models import Account, SubAccount

    world = worlds.make(max(10, min(OWNERS, projects // 100)))
    place = SubAccount.objects.select_related("account__organisation").get(pk=world.places[0].pk)
    done = retirement.retire(
        source=place, wanted=[Wanted(world.batch, 5)], purpose="EVENT", reference="bench-certificate",
        beneficiary=retirement.Beneficiary.read(kind="EVENT", name="城市马拉松"), signatures=world.signatures[0],
        at=timezone.now(),
    )  # fmt: skip
    sequencer.sequence(at=timezone.now())
    known = Organisation.objects.order_by("pk").values_list("pk", flat=True)
    signed = world.signatures[0]
    people = [one.membership.person_id for one in (signed.initiator, signed.confirmer)]
    owners = list(known.filter(role="PART"))
    validator, verifier = known.filter(role="VVB")[:2]
    _register.fill(base.owner_url(), _register.Known(owners, validator, verifier, *people), projects)
    upkeep.rebuild(at=timezone.now())
    client = Client()
    client.force_login(signed.initiator.membership.person)
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    account = Account.objects.get(organisation=place.account.organisation)
    return {"certificate": done.certificate, "unit": str(_register.BASE + 210), "account": account.code}, cookie


def get(address: str, cookie: str) -> bytes:
    return f"GET {address} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode()


def ask(port: int, request: bytes) -> tuple[float, list[float]]:
    """Eight clients ask for one page for a few seconds: pages a second, and how long each took."""

    def client(_: int, until: float) -> list[float]:
        caller, took = web.Caller(port), []
        while (begun := time.monotonic()) < until:
            caller.call(request)
            took.append(time.monotonic() - begun)
        return took

    return base.together(client, seconds=SECONDS)


def measure(projects: int) -> tuple[dict[str, float], dict[str, float]]:
    """Pages a second and the 95th percentile in milliseconds, by page; medians of the rounds."""
    rates: dict[str, list[float]] = defaultdict(list)
    slowest: dict[str, list[float]] = defaultdict(list)
    port = web.free_port()
    with base.server():
        from tanhui.site import preparation

        preparation.prepare()
        known, cookie = furnish(projects)
        with web.serving(port, application="_empty:application"):
            for _ in range(base.ROUNDS):
                for name, address in {"empty": "/bench/empty", **PAGES}.items():
                    rate, took = ask(port, get(address.format(**known), cookie))
                    rates[name].append(rate)
                    slowest[name].append(base.percentile(took, 0.95) * 1000)
    return tuple({name: base.median(some) for name, some in found.items()} for found in (rates, slowest))  # type: ignore[return-value]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="2,000 projects instead of 100,000")
    parser.add_argument("--grow", action="store_true", help="a tenth of the size too, and what ten times as much costs")
    parser.add_argument("--projects", type=int)
    args = parser.parse_args()
    projects = args.projects or (2_000 if args.quick else 100_000)
    small = measure(projects // 10)[0] if args.grow else None
    rates, slowest = measure(projects)
    lines = []
    for name in PAGES:
        lines.append(base.Line(f"{name} against an empty page", rates[name], "/s", rates["empty"], 0.25))
        lines.append(base.Line(f"{name}: 95 of 100 within", slowest[name], "ms", 100, 1.0, "less"))
        if small:
            share = small[name] / small["empty"] * rates["empty"]
            lines.append(base.Line(f"{name} with ten times as much", rates[name], "/s", share, 0.8))
    return base.tell(lines, as_json=args.json)


if __name__ == "__main__":
    sys.exit(main())
