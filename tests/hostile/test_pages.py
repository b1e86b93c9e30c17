"""Every page and every form on it, sent what nobody should send: a clear refusal or faithful storage, never a failure.

Each request is undone. The forms are found in the pages themselves, so that a new one is met without being listed.
"""

import copy
from urllib.parse import quote_plus, unquote, urlencode

import pytest
from django.db import transaction
from django.urls import Resolver404, resolve
from django.utils.html import escape
from tests.hostile.inputs import HOSTILE, SCRIPT, forms
from tests.permissions import examples

import matrix

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
# Who tries a page: the first who may come in.
TRYING = [
    "OWN-INITIATE", "REG-INITIATE", "REG-CONFIRM", "OWN-MANAGE", "REG-MANAGE", "OWN-CONFIRM", "person", "duty-AUDIT",
    "duty-SECURITY", "duty-SYSTEM", "signed-out",
]  # fmt: skip
PARAMETERS = [
    "q", "page", "before", "after", "cursor", "limit", "sort", "since", "until", "from", "to", "as_of", "day", "year",
    "category", "state", "kind", "purpose", "next", "format", "number", "lang", "tonnes", "batch", "account", "units",
]  # fmt: skip
MOST = 2_000_000  # characters of a body that is read at all
ENCODED = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def pages(here, signed_in):
    """Every page that can be looked at, with somebody who may, and its text."""
    found = []
    for route in matrix.routes():
        if route.is_api or "GET" not in route.methods:
            continue
        for name in TRYING:
            visitor = here.visitors[name]
            address = furnish(here, visitor, route)
            if address is None:
                continue
            answer = send(signed_in(visitor), "GET", address)
            if answer.status_code == 200:
                text = answer.content.decode() if "html" in answer["Content-Type"] else ""
                found.append((visitor, route, address, text))
                break
    assert len(found) > 100
    return found


def furnish(here, visitor, route):
    """The address with what the visitor has in place of its parameters."""
    address = route.address
    if route.parameters:
        one = examples.example(address)
        values = one and one.own(here, visitor)
        if not values:
            return None
        for name, value in values.items():
            address = address.replace(f"{{{name}}}", str(value))
    query = examples.QUERIES.get(route.address)
    return f"{address}?{urlencode(query(here))}" if query else address


def send(client, method, address, body="", kind=ENCODED):
    """One request, undone; what it redirects to is looked at too."""
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        answer = client.generic(method, address, body, content_type=kind)
        there = answer.headers.get("Location", "")
        if answer.status_code == 302 and there.startswith("/") and not there.startswith(("/login", "//")):
            answer = client.get(there)
        read(answer)
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer


def read(answer):
    if answer.streaming:
        answer.taken = b"".join(answer.streaming_content)
    else:
        answer.taken = answer.content


def fault(answer):
    """What is wrong with an answer to hostile input; nothing if it is a page of ours that took it calmly."""
    if answer.status_code >= 500 and answer.status_code != 502:  # that is another's failure, which a page tells
        return f"failed with {answer.status_code}"
    if SCRIPT.encode() in answer.taken and "html" in answer.headers.get("Content-Type", ""):
        return "gave a script back as it came"
    if "Set-Cookie" in answer.headers.get("Location", ""):
        return "split its header"
    refused = answer.status_code >= 400 and answer.taken and "html" in answer.headers.get("Content-Type", "")
    if refused and b"<main" not in answer.taken:
        return f"refused with {answer.status_code} outside our frame"
    return ""


def tell(faults):
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(sorted(set(faults)))


def nowhere(address):
    """Whether no page has such an address at all; these are all answered alike."""
    try:
        resolve(unquote(address))
    except Resolver404:
        return True
    return False


class TestAnAddress:
    def test_takes_any_query(self, pages, signed_in):
        faults, values = [], list(HOSTILE.items())
        for visitor, route, address, text in pages:
            fields = [name for one in forms(address, text) if one.method == "GET" for name, _, _ in one.fields]
            names = list(dict.fromkeys([*fields, *PARAMETERS]))
            for shift in range(0, len(values), 3 if fields else 8):
                query = "&".join(
                    f"{name}={values[(shift + place) % len(values)][1][:3000]}" for place, name in enumerate(names)
                )
                query += f"&{names[0]}=again&%FF=%FF&=&&a[]=1"
                joined = f"{address}{'&' if '?' in address else '?'}{query}"
                answer = send(signed_in(visitor), "GET", joined)
                if found := fault(answer):
                    faults.append(f"GET {route.address} as {visitor.name}, shift {shift}: {found}")
        tell(faults)

    def test_takes_one_bad_parameter_at_a_time(self, pages, signed_in):
        """Where all are bad at once the first refused would hide the others."""
        faults = []
        for visitor, route, address, text in pages:
            wanted = {
                (name, kind) for one in forms(address, text) if one.method == "GET" for name, kind, _ in one.fields
            }
            for name in {name for name, _ in wanted}:
                for said in ("a null byte", "no UTF-8", "ten thousand digits", "an impossible date", "a script"):
                    answer = send(signed_in(visitor), "GET", f"{address.partition('?')[0]}?{name}={HOSTILE[said]}")
                    if found := fault(answer):
                        faults.append(f"GET {route.address}?{name}=<{said}> as {visitor.name}: {found}")
        tell(faults)

    def test_takes_anything_in_place_of_its_parameters(self, here, signed_in):
        client, faults = signed_in(here.visitors["OWN-INITIATE"]), []
        for route in matrix.routes():
            if not route.parameters or not {"GET", "POST"} & {*route.methods}:
                continue
            for said, value in HOSTILE.items():
                address = route.address
                for name in route.parameters:
                    address = address.replace(f"{{{name}}}", value[:1200].replace("+", "%20") or "%20")
                if nowhere(address):
                    continue
                method = "GET" if "GET" in route.methods else "POST"
                if found := fault(send(client, method, address)):
                    faults.append(f"{method} {route.address} with {said}: {found}")
        tell(faults)


@pytest.fixture(scope="module")
def found(pages):
    """Every form once, with a visitor who sees it."""
    known = {}
    for visitor, route, address, text in pages:
        for one in forms(address, text):
            if one.method == "POST":
                known.setdefault((plain(one.key, address, route), one.key[2]), (visitor, route, one))
    assert len(known) > 30
    return list(known.values())


class TestAForm:
    def test_takes_anything_in_its_fields(self, found, signed_in):
        faults = []
        for visitor, route, form in found:
            for said, value in HOSTILE.items():
                body = "&".join(f"{quote_plus(name)}={other}" for name, other in filled(form, value))
                if why := fault(send(signed_in(visitor), "POST", form.action, body)):
                    faults.append(f"POST {form.action} on {route.address} as {visitor.name} with {said}: {why}")
        tell(faults)

    def test_takes_anything_in_what_it_hides(self, found, signed_in):
        faults = []
        for visitor, route, form in found:
            for said in ("nothing", "ten thousand digits", "a script", "a null byte", "no UTF-8", "JSON", "a date"):
                body = "&".join(
                    f"{quote_plus(name)}={HOSTILE[said]}" for name, _, _ in form.fields if name != "csrfmiddlewaretoken"
                )
                if why := fault(send(signed_in(visitor), "POST", form.action, body)):
                    faults.append(f"POST {form.action} on {route.address}, all {said}: {why}")
        tell(faults)

    def test_takes_fields_twice_and_fields_it_does_not_have(self, found, signed_in):
        faults = []
        for visitor, route, form in found:
            twice = "&".join(f"{quote_plus(name)}=1&{quote_plus(name)}=%00" for name, _, _ in form.fields)
            for body in ("", twice, twice + "&" + "&".join(f"x{number}=1" for number in range(1500)), "%", "=&=&&"):
                if why := fault(send(signed_in(visitor), "POST", form.action, body)):
                    faults.append(f"POST {form.action} on {route.address} with {body[:30]}: {why}")
        tell(faults)

    def test_takes_a_body_that_is_none(self, found, signed_in):
        faults = []
        for visitor, route, form in found:
            for kind, body in [
                ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff'),
                ("multipart/form-data", b"--x"),
                ("multipart/form-data; boundary=x", upload(form)),
                ("application/json", b'{"a": 1}'),
                ("text/plain; charset=utf-99", b"a=1"),
                (ENCODED + "; charset=gb18030", "a=碳".encode("gb18030")),
            ]:  # fmt: skip
                if why := fault(send(signed_in(visitor), "POST", form.action, body, kind)):
                    faults.append(f"POST {form.action} on {route.address} as {kind}: {why}")
        tell(faults)

    def test_is_told_when_it_is_far_too_large(self, found, signed_in):
        faults = []
        for visitor, route, form in found[::5]:
            name = form.fields[0][0] if form.fields else "a"
            if why := fault(send(signed_in(visitor), "POST", form.action, f"{quote_plus(name)}=" + "a" * 3_000_000)):
                faults.append(f"POST {form.action} on {route.address}: {why}")
        tell(faults)


def plain(key, address, route):
    return key[1].replace(address.partition("?")[0], route.address)


def filled(form, value):
    """The fields as a person would send them who typed the value everywhere: what is hidden or chosen stays."""
    chosen, room = {}, MOST
    for name, kind, given in form.fields:
        if name == "csrfmiddlewaretoken":
            continue
        kept = kind in {"hidden", "option", "radio", "checkbox", "submit", "button"} or len(value) > room
        if name not in chosen:
            chosen[name] = quote_plus(given) if kept else value
            room -= len(chosen[name])
    return chosen.items()


def upload(form):
    """A file under each name, called like a path, that is no file of any kind."""
    parts = []
    for name, kind, given in form.fields:
        if kind == "file":
            head = f'Content-Disposition: form-data; name="{name}"; filename="../../碳\u202e{SCRIPT}.pdf"'
            parts.append(f"--x\r\n{head}\r\nContent-Type: application/pdf\r\n\r\n".encode() + b"%PDF-\xff\x00\r\n")
        else:
            parts.append(f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{given}\r\n'.encode())
    return b"".join(parts) + b"--x--\r\n"


class TestWhatIsKept:
    """What a form accepts is kept to the letter and comes back as text."""

    @pytest.mark.parametrize(
        "said", ["䶮𬶏㐀𠮷𰻞", f"{SCRIPT}&amp;", "=1+1", "{{ 7*7 }}{% now %}", "#panic() $x$", "' OR 1=1 --"]
    )
    def test_is_given_back_as_it_was_typed(self, here, signed_in, said):
        client = signed_in(here.visitors["OWN-INITIATE"])
        account = here.parties["OWN"].account
        with transaction.atomic():
            stock = next(iter(client.get(f"/accounts/{account.code}/transfer").context["form"].fields["batch"].choices))
            body = {
                "step": "submit", "reference": f"hostile-{len(said)}", "batch": stock[0], "tonnes": "1",
                "units": "", "serials": "", "target": here.parties["PART"].account.code, "reason": said,
            }  # fmt: skip
            seen = client.post(f"/accounts/{account.code}/transfer", body)
            units = seen.context["form"].data["units"]
            answer = client.post(f"/accounts/{account.code}/transfer", body | {"units": units})
            assert answer.status_code == 302, answer.content.decode()
            page = client.get(answer["Location"]).content.decode()
            transaction.set_rollback(True)
        assert escape(said) in page
        assert SCRIPT not in page
