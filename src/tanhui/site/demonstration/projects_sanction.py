"""Units obtained by fraud: another owner's rice, issued in good faith, a part of it sold and shared out, found out, and
ordered back by the authority.

The owner does nothing else in the demonstration: what it holds is suspended and it may apply no more; what it sold
stays with whoever bought it. Invented.
"""

from datetime import date, timedelta

from django.utils import timezone

from tanhui.identity.models import Organisation
from tanhui.journal import sequencer
from tanhui.kernel import clock
from tanhui.kernel.period import Period as Days
from tanhui.projects import checklists, splitting
from tanhui.projects.acts import (
    checking,
    monitoring,
    reporting,
    roll,
    sale,
    sample,
    shares_second,
    split,
    stamping,
)
from tanhui.projects.models import Development, Monitoring
from tanhui.projects.queries import review
from tanhui.registry.acts import account, choice, transfer
from tanhui.registry.acts.signing import Signatures
from tanhui.registry.models import SubAccount
from tanhui.site.demonstration.projects_cycle import DAY, FIRST, SECOND, Pair, Walk, box, farm, fresh, pair, unseen
from tanhui.site.demonstration.projects_cycle_texts import RICE
from tanhui.site.demonstration.stage import Stage, given, made_up_uscc

OWNER = ("10000064", "演示绿穗农业发展有限公司", ("fraud-a", "贾守业"), ("fraud-b", "钱有余"))
NAME = "演示·绿穗稻田水分管理减排项目"
FIELDS = [(f"演示·绿穗{place}田", box(121.015 + at * 0.015, 31.06)) for at, place in enumerate(("东", "中", "西"))]
LATER = 30  # days to comply
PRICE, LARGEST = 66_00, 10**9  # fen a tonne; more tonnes than there are
VILLAGE = {"village_code": "310118109201", "village": "演示莲湖村"}
HOLDERS = [
    roll.Row(
        **VILLAGE, key="集体", name="演示莲湖村经济合作社", weight=0, bank="演示农商行", account="6228480300000000"
    ),
    *(
        roll.Row(**VILLAGE, key=f"{number:03d}", name=f"演示农户{number:02d}", weight=900 + 150 * number)
        for number in range(1, 13)
    ),
]


def load(stage: Stage) -> None:
    """Bring it about by the acts people use, once."""
    if Development.objects.filter(owner__uscc=made_up_uscc(OWNER[0])).exists():
        return
    walk = Case(stage, timezone.now())
    one = walk.registered(NAME, FIELDS)
    made = walk.season(one)
    walk.verified(made)
    walk.issued(made)
    walk.sold(fresh(made).development)
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

    def sold(self, one: Development) -> None:
        """A tenth goes to a buyer and its price to the county's villages, by a rule both sides signed."""
        self.at += DAY
        project, owner, county = one.registered, self.sides["OWNER"], self.sides["COUNTY"]
        assert project is not None
        kept = roll.enter(
            project=project, source="演示·承包地经营权流转台账", rows=HOLDERS, mandate=county.first,
            reference="demo-roll-rice", at=self.at,
        )  # fmt: skip
        proposal = split.propose(
            project=project, county=county.organisation, terms=splitting.Terms(city=3, county=7, village_keeps=1000),
            roll=kept, effective_from=clock.day(self.at), basis="演示：联合开发协议第六条", pack=project.rule_pack,
            mandate=owner.first, reference="demo-split-rice", at=self.at,
        )  # fmt: skip
        (asked,) = split.waiting(proposal, self.at)
        shares_second.confirm(asked=asked, mandate=owner.second, at=self.at)
        asked = split.sign(proposal=proposal, mandate=county.first, reference="demo-agree-rice", at=self.at)
        shares_second.confirm(asked=asked, mandate=county.second, at=self.at)
        place = SubAccount.objects.get(account__organisation=owner.organisation, purpose=SubAccount.Purpose.ISSUED)
        held = sum(part.quantity_t for part in choice.oldest(place, LARGEST))
        moved = transfer.transfer(
            source=place, target=self.stage.place("buyer", "HOLDING"), wanted=choice.oldest(place, held // 10),
            reason="演示购买合同", reference="demo-sale-rice", signatures=Signatures(owner.first, owner.second),
            at=self.at,
        )  # fmt: skip
        asked = sale.enter(
            project=project, contract="演示-LS-001", buyer=self.stage.bodies["buyer"].name, transfer=moved,
            sold_on=clock.day(self.at), quantity_t=moved.quantity_t, amount_fen=moved.quantity_t * PRICE,
            mandate=owner.first, reference="demo-sale-rice", at=self.at,
        )  # fmt: skip
        shares_second.confirm(asked=asked, mandate=owner.second, at=self.at)

    def found_out(self, made: Monitoring) -> None:
        """Two days ago the authority ordered everything back; half of the time to comply is still ahead."""
        self.at = max(self.at + DAY, self.now - 2 * DAY)
        self.hand_in(made, "ORDER")
        last = clock.day(self.at) + timedelta(days=LATER)
        self.take(
            made, "claw_back", "现场检查发现排水记录与泵站电量不符，监测数据系编造。",
            {"quantity_t": fresh(made).period.tonnes, "deadline": last.isoformat()},
        )  # fmt: skip
