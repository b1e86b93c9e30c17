"""Units obtained by fraud: another owner's rice, issued in good faith, found out, and ordered back by the authority.

The owner does nothing else in the demonstration: what it holds is suspended and it may apply no more. Invented.
"""

from datetime import date, timedelta

from django.utils import timezone

from tanhui.identity.models import Organisation
from tanhui.journal import sequencer
from tanhui.kernel import clock
from tanhui.kernel.period import Period as Days
from tanhui.projects import checklists
from tanhui.projects.acts import checking, monitoring, reporting, sample, stamping
from tanhui.projects.models import Development, Monitoring
from tanhui.projects.queries import review
from tanhui.registry.acts import account
from tanhui.site.demonstration.projects_cycle import DAY, FIRST, SECOND, Pair, Walk, box, farm, fresh, pair, unseen
from tanhui.site.demonstration.projects_cycle_texts import RICE
from tanhui.site.demonstration.stage import Stage, given, made_up_uscc

OWNER = ("10000064", "演示绿穗农业发展有限公司", ("fraud-a", "贾守业"), ("fraud-b", "钱有余"))
NAME = "演示·绿穗稻田水分管理减排项目"
FIELDS = [(f"演示·绿穗{place}田", box(121.015 + at * 0.015, 31.06)) for at, place in enumerate(("东", "中", "西"))]
LATER = 30  # days to comply


def load(stage: Stage) -> None:
    """Bring it about by the acts people use, once."""
    if Development.objects.filter(owner__uscc=made_up_uscc(OWNER[0])).exists():
        return
    walk = Case(stage, timezone.now())
    one = walk.registered(NAME, FIELDS)
    made = walk.season(one)
    walk.verified(made)
    walk.issued(made)
    walk.found_out(made)


class Case(Walk):
    """The walk of a project whose owner made its drainage records up."""

    def __post_init__(self) -> None:
        super().__post_init__()
        owner = pair(OWNER[0], OWNER[1], Organisation.Role.OWNER, *OWNER[2:], self.now)
        self.sides["OWNER"] = owner
        body, first = self.stage.bodies["verifier"], unseen("verifier-a", "周核查", self.now)
        second = unseen("verifier-b", "顾严明", self.now)
        self.sides["VERIFIER"] = Pair(
            body, given(first, body, FIRST, self.now), given(second, body, SECOND, self.now)
        )  # fmt: skip
        account.open_account(
            organisation=owner.organisation, signatures=self.stage.signatures["registry"], at=self.at
        )  # fmt: skip

    def registered(self, name: str, fields: list[tuple[str, object]]) -> Development:
        one = self.opened(name, "local", "DEMO", "CMS-017-V01", "310118", RICE, fields, self.farming)
        self.to_application(one)
        self.take(one, "accept")
        self.to_registration(one)
        return fresh(one)  # type: ignore[no-any-return]

    def season(self, one: Development) -> Monitoring:  # type: ignore[override]
        """Last year's season, every month stamped late, its report on notice."""
        year, owner = self.now.year - 1, self.sides["OWNER"].first
        span = Days(date(year, 1, 1), date(year, 11, 1))
        made = monitoring.open_period(development=one, span=span, mandate=owner, at=self.at)
        sheet, inputs = farm(year)
        monitoring.compute(monitoring=made, project=sheet, inputs=inputs, mandate=owner, at=self.at)
        verifier = self.sides["VERIFIER"].organisation
        monitoring.name_verifier(monitoring=made, verifier=verifier, mandate=owner, at=self.at)
        for month in range(1, 11):
            stamping.stamp(
                development=one, month=date(year, month, 1), sha256=stamping.digest(f"{NAME} {month}".encode()),
                name=f"监测数据{year}-{month:02d}.csv", size_bytes=48_211, mandate=owner, at=self.at, note="演示",
            )  # fmt: skip
        self.hand_in(made, "REPORT", "DATA")
        self.take(made, "publish")
        self.past_notice(made)
        return fresh(made)  # type: ignore[no-any-return]

    def verified(self, made: Monitoring) -> None:
        one, mandate = fresh(made), self.sides["VERIFIER"].first
        answers = {point.key: checking.Answer("YES") for point in checklists.points(one)}
        checking.answer(subject=one, answers=answers, mandate=mandate, at=self.at)
        units = next(iter(review.populations(one).values()))
        size = max(sample.smallest(one, len(units))["value"], 1)
        declared = sample.declare(subject=one, units=units, size=size, mandate=mandate, at=self.at)
        sequencer.sequence(at=timezone.now())
        drawn = sample.draw(sample=declared, words="", mandate=mandate, at=self.at)
        for unit in drawn.chosen:
            sample.see(sample=declared, unit=unit, verdict="AGREES", note="", mandate=mandate, at=self.at)
        points = dict.fromkeys(checklists.demanded(one), reporting.Point(True, "查阅资料并走访现场，符合要求。"))
        reporting.verification(
            monitoring=one, opinion=reporting.Opinion(points, {}, clock.day(self.at), True), upload=self.scan,
            verified_kg=one.quantity_kg, mandate=mandate, at=self.at,
        )  # fmt: skip
        self.take(made, "verify")

    def issued(self, made: Monitoring) -> None:
        one = fresh(made)
        monitoring.apply_for(
            monitoring=one, quantity_t=one.verified_kg // 1000, mandate=self.sides["OWNER"].first, at=self.at
        )
        self.hand_in(made, "ISSUE_FORM", "ISSUE_COMMIT")
        self.take(made, "apply")
        self.approve(made)
        self.take(made, "confirm")
        self.take(made, "issue")

    def found_out(self, made: Monitoring) -> None:
        """Two days ago the authority ordered everything back; half of the time to comply is still ahead."""
        self.at = max(self.at + DAY, self.now - 2 * DAY)
        self.hand_in(made, "ORDER")
        last = clock.day(self.at) + timedelta(days=LATER)
        self.take(
            made, "claw_back", "现场检查发现排水记录与泵站电量不符，监测数据系编造。",
            {"quantity_t": fresh(made).period.tonnes, "deadline": last.isoformat()},
        )  # fmt: skip
