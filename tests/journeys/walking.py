"""What people of a project do in the browser over and over: sign in, ask for a step, sign it, hand a paper in, report.

``Walk`` has a page for everybody who signs in. Only the public's working days are made to pass by hand.
"""

import datetime as dt
import itertools

from django.utils import timezone
from tests.journeys.conftest import PASSWORD
from tests.projects import reviewing
from tests.projects.cycling import fresh

from tanhui.journal import sequencer
from tanhui.projects.acts import land, timing
from tanhui.projects.models import Development, Finding, Monitoring, Payout, Sale, Survey

DAY = dt.timedelta(days=1)
SLOW = 90_000  # ms: a dozen people at once keep a small machine busy


class Walk:
    def __init__(self, home, open_page, folder, looks_right):
        self.home, self.open_page, self.folder, self.looks_right = home, open_page, folder, looks_right
        self.pages, self.widths = {}, itertools.count(300)

    # -- pages ---------------------------------------------------------------------------------------------------------

    def desk(self, who, **options):
        """The page a person works on; they sign in once. ``options`` of its window count the first time."""
        person = who.membership.person if hasattr(who, "membership") else who
        if person.pk not in self.pages:
            page = self.pages[person.pk] = self.open_page(**options)
            page.set_default_timeout(SLOW)
            page.goto(f"{self.home}/login")
            page.get_by_label("登录名", exact=True).fill(person.username)
            page.get_by_label("密码", exact=True).fill(PASSWORD)
            page.locator("main").get_by_role("button", name="登录", exact=True).click()
            page.get_by_role("button", name="退出登录").wait_for()
        return self.pages[person.pk]

    def go(self, who, there):
        page = self.desk(who)
        page.goto(self.home + there)
        return page

    def at(self, who, subject):
        part = "periods/" if isinstance(subject, Monitoring) else ""
        return self.go(who, f"/desk/developments/{part}{subject.code}")

    def sees(self, who, *places):
        """The person opens each place, and it looks right."""
        for one in places:
            self.looks_right(self.go(who, one))

    def in_the_dark(self, who):
        """From now on the person looks at the night side."""
        self.desk(who).context.add_cookies([{"name": "theme", "value": "dark", "url": self.home}])

    def paper(self):
        width = next(self.widths)
        path = self.folder / f"材料{width}.pdf"
        path.write_bytes(reviewing.pdf(width))
        return path

    # -- the desk ------------------------------------------------------------------------------------------------------

    def take(self, party, subject, act, reason="情况属实，同意。"):
        """One person asks, a colleague signs."""
        page = self.at(party.initiator, subject)
        form = page.locator(f'form:has(input[name="act"][value="{act}"])')
        form.evaluate("form => { form.closest('details').open = true }")
        if form.locator("textarea[name=reason]").count():
            form.locator("textarea[name=reason]").fill(reason)
        form.locator("button[value=step]").click()
        page.locator("#next .notice.wait").wait_for()
        second = self.at(party.confirmer, subject)
        second.locator("#next button[name=do][value=confirm]").click()
        second.locator("#next button[name=do][value=confirm]").wait_for(state="detached")
        return fresh(subject)

    def hand_in(self, party, subject, *kinds):
        page = self.at(party.initiator, subject)
        for kind in kinds:
            page.locator("#papers details").first.evaluate("one => { one.open = true }")
            page.locator("select[name=kind]").select_option(kind)
            page.locator("input[type=file][name=paper_file]").set_input_files(self.paper())
            page.locator("#papers").get_by_text("已收到").first.wait_for()
            with page.expect_navigation():
                page.locator("button[name=do][value=paper]").click()
            assert subject.papers.filter(kind=kind).exists(), kind

    def write(self, party, subject, *kinds):
        page = self.at(party.initiator, subject)
        for kind in kinds:
            with page.expect_navigation():
                page.locator(f'form:has(input[name=kind][value="{kind}"]) button[value=write]').click()
            assert subject.papers.filter(kind=kind).exists(), kind

    def comment(self, one, person, text):
        """Somebody of the public asks; they sign in too."""
        page = self.go(person, f"/developments/{one.code}")
        page.locator("textarea[name=text]").fill(text)
        page.locator("form:has(textarea[name=text]) button").first.click()
        page.get_by_text(text).first.wait_for()
        return page

    def answer(self, owner, one, text):
        page = self.at(owner.initiator, one)
        form = page.locator("form:has(input[name=comment])").first
        form.evaluate("form => form.closest('details') && (form.closest('details').open = true)")
        form.locator("textarea[name=text]").fill(text)
        if form.locator("[name=adopted]").count():
            form.locator("[name=adopted]").first.check()
        form.locator("button").first.click()
        page.get_by_text(text).first.wait_for()

    # -- the workbench -------------------------------------------------------------------------------------------------

    def bench(self, body, subject):
        return self.go(body.initiator, f"/desk/verification/{subject.pk}")

    def report(self, body, subject):
        """The body's whole work is on one screen: checklist, report, signature, and a colleague's signature."""
        page = self.bench(body, subject)
        for one in page.locator("#checklist select").all():
            one.select_option("YES")
        page.locator("button[value=check]").click()
        page.locator("#report").wait_for()
        for one in page.locator("#report textarea").all():
            one.fill("查阅材料并现场核实。")
        if page.locator("#report input[name=conclusion]").count():
            page.locator("#report input[name=conclusion][value=POSITIVE]").check()
        page.locator("#report input[type=file]").set_input_files(self.paper())
        page.locator("#report").get_by_text("已收到").first.wait_for()
        page.locator("#report input[name=commits]").check()
        page.locator("button[value=report]").click()
        page.locator("#report .notice.wait").wait_for()
        second = self.go(body.confirmer, f"/desk/verification/{subject.pk}")
        second.locator("#report button[value=confirm]").click()
        second.locator("#report button[value=confirm]").wait_for(state="detached")
        return fresh(subject)

    def sample(self, body, period, of="PARCELS"):
        page = self.bench(body, period)
        page.locator("#sample [name=of]").select_option(of)
        page.locator("#sample button[value=declare]").click()
        page.locator("#sample button[value=draw]").wait_for()
        sequencer.sequence(at=timezone.now())  # as the worker does
        page.locator("#sample button[value=draw]").click()
        page.locator("#sample button[value=see]").wait_for()
        for unit in period.samples.get().draw.chosen:
            page.locator("#sample [name=unit]").select_option(unit)
            page.locator("#sample [name=verdict]").select_option("AGREES")
            page.locator("#sample button[value=see]").click()
            page.locator("#sample button[value=see]").wait_for()

    def find_and_close(self, body, owner, period, *, text, requirement, reply):
        """The verifier asks, the owner answers, the verifier closes."""
        page = self.bench(body, period)
        form = page.locator("#findings form:has(button[value=raise])")
        form.evaluate("form => { form.closest('details').open = true }")
        form.locator("[name=kind]").select_option("CL")
        form.locator("[name=topic]").select_option("DATA")
        form.locator("[name=text]").fill(text)
        form.locator("[name=requirement]").fill(requirement)
        form.locator("button[value=raise]").click()
        page.locator("#findings").get_by_text("CL-01").first.wait_for()
        owners = self.go(owner.initiator, f"/developments/{period.development_id}/findings")
        self.looks_right(owners)
        owners.locator("textarea[name=text]").fill(reply)
        owners.locator("form:has(textarea[name=text]) .btn-primary").click()
        owners.get_by_text(reply).first.wait_for()
        page = self.bench(body, period)
        self.looks_right(page)
        answered = page.locator("#findings form:has(button[value=close])")
        answered.locator("textarea").fill("核对原始记录，关闭。")
        answered.locator("button[value=close]").click()
        page.locator("#findings .good").first.wait_for()
        assert Finding.objects.get().state == "CLOSED"

    # -- sharing out ---------------------------------------------------------------------------------------------------

    def second(self, party, page):
        """A colleague opens what was asked for and signs."""
        page.wait_for_url("**/asked/*")
        second = self.desk(party.confirmer)
        second.goto(page.url)
        second.locator("button[value=confirm]").click()
        second.locator("button[value=confirm]").wait_for(state="detached")

    def enter_roll(self, county, project, rows, *, source):
        """The county pastes its lines. With a fault nothing is kept and the line is named."""
        page = self.go(county.initiator, f"/sharing-out/desk/{project.number}/roll")
        page.locator("[name=source]").fill(source)
        page.locator("[name=table]").fill(f"{rows}\n{rows.split()[0]}\t没写完的一行")
        page.locator("main form .btn-primary").click()
        page.locator(".notice.stop table").wait_for()
        self.looks_right(page)
        assert not project.rolls.exists()
        page.locator("[name=table]").fill(rows)
        page.locator("main form .btn-primary").click()
        page.wait_for_url(f"**/sharing-out/desk/{project.number}")
        return project.rolls.get()

    def agree_on_a_split(self, city, county, project, roll, *, pack, basis):
        """The city's company looks at the preview and proposes; two people of each side sign."""
        page = self.go(city.initiator, f"/sharing-out/desk/{project.number}/rule")
        given = {"county": str(county.organisation.pk), "pack": pack, "roll": str(roll.pk)}
        for name, said in given.items():
            page.locator(f"[name={name}]").select_option(said)
        said = {"city_part": "3", "county_part": "7", "county_keeps": "0", "village_keeps": "0", "basis": basis}
        for name, text in said.items():
            page.locator(f"[name={name}]").fill(text)
        page.locator("button[value=preview]").click()
        page.locator("button[value=propose]").wait_for()
        self.looks_right(page)
        page.locator("button[value=propose]").click()
        page.wait_for_url("**/sharing-out/proposals/*")
        proposal = page.url
        self.sign_proposal(city, proposal)
        first = self.desk(county.initiator)
        first.goto(proposal)
        self.looks_right(first)
        first.locator("button[value=sign]").click()
        first.locator("button[value=sign]").wait_for(state="detached")
        self.sign_proposal(county, proposal)
        return project.split_rules.get()

    def sign_proposal(self, party, proposal):
        second = self.desk(party.confirmer)
        second.goto(proposal)
        second.locator("main a[href*='/sharing-out/asked/']").click()
        second.locator("button[value=confirm]").click()
        second.locator("button[value=confirm]").wait_for(state="detached")

    def sell(self, city, county, project, *, contract, buyer, tonnes, amount):
        """The company enters a sale; the county draws up what goes to the households."""
        page = self.go(city.initiator, f"/sharing-out/desk/{project.number}/sale")
        said = {"contract": contract, "buyer": buyer, "quantity_t": str(tonnes), "amount": amount}
        for name, text in said.items():
            page.locator(f"[name={name}]").fill(text)
        page.locator("main form .btn-primary").click()
        self.second(city, page)
        sold = Sale.objects.latest("pk")
        page = self.go(county.initiator, f"/sharing-out/sales/{sold.pk}")
        self.looks_right(page)
        page.locator("button[value=HOLDERS]").click()
        self.second(county, page)
        assert Payout.objects.filter(sale=sold).exists()
        return sold

    def receive(self, villager):
        """A villager, known by the number of their document, sees their share on the phone and says that it came."""
        page = self.go(villager, "/sharing-out/mine")
        self.looks_right(page)
        page.locator("main a[href*='/sharing-out/mine/']").first.click()
        page.locator("button[value=receive]").wait_for()
        self.looks_right(page)
        page.locator("button[value=receive]").click()
        page.locator("button[value=receive]").wait_for(state="detached")


def pass_time(subject):
    """The working days of a public notice pass."""
    later = timezone.now() - 60 * DAY
    type(subject).objects.filter(pk=subject.pk).update(stage_since=later, due_on=later.date() + 30 * DAY)
    timing.settle(at=timezone.now())
    return fresh(subject)


def import_parcels(walk, owner, content, *, name, kind, year, asks_encoding=False):
    """A source is opened, a file handed in, its columns looked at, and the worker reads it."""
    page = walk.go(owner.initiator, "/land/sources/new")
    page.locator("[name=name]").fill(name)
    page.locator(f"[name=kind][value={kind}]").check()
    page.locator("main form .btn-primary").click()
    page.wait_for_url(lambda url: url.rpartition("/sources/")[2] != "new")
    if not page.url.endswith("/import"):
        page.goto(f"{page.url}/import")
    shape = walk.folder / f"{name}.zip"
    shape.write_bytes(content)
    page.locator("input[type=file]").first.set_input_files(shape)
    page.locator("main").get_by_text("已收到").first.wait_for()
    if asks_encoding:  # the words of the first rows stand there in every encoding they could be in
        offered = page.locator("[data-part=encodings]")
        offered.locator("label", has_text="GB18030").locator("input").check()
        page.locator("[data-part=said]").get_by_text("GB18030").wait_for()
        walk.looks_right(page)
    page.locator("main form .btn-primary").click()
    page.wait_for_url("**/import/*")
    walk.looks_right(page)
    page.locator("[name=year]").fill(str(year))
    page.locator("main form .btn-primary").last.click()
    page.wait_for_url("**/land/surveys/*")
    survey = Survey.objects.get()
    land.carry_out(key=survey.pk, at=timezone.now(), told=timezone.now)  # as the worker does
    page.reload()
    walk.looks_right(page)
    return fresh(survey)


def draft(walk, owner, opened, answers):
    """The wizard from its first page to the last; every page looks right."""
    page = walk.go(owner.initiator, "/desk/developments/new")
    for name, said in opened.items():
        field = page.locator(f"main [name={name}]")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(said)
        else:
            field.fill(said)
    page.locator("main form .btn-primary").click()
    page.wait_for_url("**/draft/project")
    while not page.url.endswith("/check"):
        walk.looks_right(page)
        before = page.url
        if before.endswith("/land"):
            for box in page.locator("input[name=parcel]").all():
                box.check()
            page.locator("button[value=parcels]").click()
            page.locator("input[name=boundary]").first.wait_for()
        for name, said in answers.items():
            field = page.locator(f"main [name={name}]")
            if not field.count():
                continue
            if field.first.get_attribute("type") == "radio":
                page.locator(f"main [name={name}][value={said}]").check()
            elif field.evaluate("one => one.tagName") == "SELECT":
                field.select_option(said)
            else:
                field.fill(said)
        page.locator("button[name=then][value=on]").click()
        page.wait_for_url(lambda url, before=before: url != before)
    walk.looks_right(page)
    return Development.objects.get(name=opened["name"])
