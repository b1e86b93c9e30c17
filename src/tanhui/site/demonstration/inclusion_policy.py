"""Beyond the made-up city (演示): green records for two evaluations, a recognised region, an outside app.

The other region is made up too, but its key and its signatures are real.
"""

from datetime import date, datetime, timedelta

from django.utils import timezone

from tanhui.identity.acts import apps
from tanhui.identity.models import Mandate, Organisation, Person
from tanhui.inclusion import holders, regionfiles
from tanhui.inclusion.acts import crediting, recognising
from tanhui.inclusion.models import Account, CreditUse, Scenario
from tanhui.journal import log
from tanhui.kernel import clock, identifiers
from tanhui.site.demonstration.stage import Stage
from tanhui.tlog import note

DAY = timedelta(days=1)
HOME = "hangzhou.example.cn/carbon"
KIND = CreditUse.Kind
MAPPINGS = [  # there, their methodology, here, ratio, why
    ("subway", "HZ-SUBWAY-V02", "metro", (2, 3), "两地轨道交通减排因子之比（演示取值）"),
    ("bike", "HZ-BIKE-V01", "shared-bike", (1, 1), "两地方法学同源，逐克等值（演示取值）"),
]


def load(stage: Stage) -> None:
    """Play once the city is there; what is there already stays as it is."""
    if not CreditUse.objects.exists() and Scenario.objects.filter(state="OPERATING").exists():
        Scene(stage, timezone.now()).play()


class Scene:
    def __init__(self, stage: Stage, at: datetime) -> None:
        self.stage, self.at, self.today, self.number = stage, at, clock.day(at), 0
        self.first, self.second = self.signs("INITIATE"), self.signs("CONFIRM")

    def signs(self, capacity: str) -> Mandate:
        found = Mandate.objects.filter(membership__organisation__role=Organisation.Role.PLATFORM, capacity=capacity)
        return found.select_related("membership__person", "membership__organisation").order_by("pk")[0]

    def reference(self) -> str:
        self.number += 1
        return f"demo-policy-{self.number}"

    def play(self) -> None:
        self.credit()
        self.regions()
        self.apps()

    # -- green records ---

    def credit(self) -> None:
        bank = self.stage.bodies["bank"]
        loan = self.use(
            title="绿色消费贷款评价（演示）", recipient=bank.name, uscc=bank.uscc, subject="PERSON",
            purpose="评定绿色消费贷款利率优惠，只作加分", kinds=[KIND.SUMMARY, KIND.SCENARIOS, KIND.MONTHS],
            basis="《个人信息保护法》第十三、二十三条（本人单独同意）；沪环气〔2022〕211号第19条",
        )  # fmt: skip
        bureau = Organisation.objects.filter(role=Organisation.Role.AUTHORITY).order_by("pk").first()
        if bureau is not None:
            firms = self.use(
                title="企业环境信用评价（演示）", recipient=bureau.name, uscc=bureau.uscc, subject="ORGANISATION",
                purpose="年度企业环境信用评价的减排加分项", kinds=[KIND.RETIREMENTS, KIND.ISSUANCES],
                basis="《企业环境信用评价办法（试行）》；沪环气〔2022〕211号第19条",
            )  # fmt: skip
            owner = self.stage.signatures["owner"].initiator
            crediting.ask_agree(
                use=firms, chosen=self.chosen(firms), mandate=owner, reference=self.reference(), at=self.at - DAY
            )
        self.use(
            title="住房租赁绿色信用（演示）", recipient="演示市保障性住房中心", uscc=self.code("10000095"),
            subject="PERSON", purpose="人才公寓申请加分", kinds=[KIND.SUMMARY], basis="待法制审核（演示）", waits=True,
        )  # fmt: skip
        if (account := self.account("green-a")) is not None:
            record = crediting.give(account=account, use=loan, chosen=self.chosen(loan), at=self.at - 5 * DAY)
            mandate = self.stage.signatures["bank"].initiator
            crediting.hand_over(record_=record, at=self.at - 3 * DAY, organisation=bank, by=mandate)

    def use(self, *, waits: bool = False, **about: object) -> CreditUse:
        asked = crediting.Asked(longest_days=180, **about)  # type: ignore[arg-type]
        row = crediting.ask_use(
            asked=asked, mandate=self.first, reference=self.reference(), at=self.at - (1 if waits else 20) * DAY
        )
        if not waits:
            crediting.confirm_use(use=row, mandate=self.second, at=self.at - 19 * DAY)
            row.refresh_from_db()
        return row

    def chosen(self, use: CreditUse) -> crediting.Chosen:
        last = self.today - 6 * DAY
        return crediting.Chosen(
            kinds=use.kinds, first=last - 364 * DAY, last=last, expires_on=self.today + 80 * DAY,
            text_version=crediting.TEXTS,
        )  # fmt: skip

    def code(self, body: str) -> str:
        head = "91150402" + body + identifiers.body_check(body)
        return head + identifiers.uscc_check(head)

    def account(self, username: str) -> Account | None:
        person = Person.objects.filter(username=username).first()
        return holders.account_of(person) if person else None

    # -- regions ---

    def regions(self) -> None:
        there = note.Signer.generate(HOME)
        since, until = date(self.today.year, 1, 1), date(self.today.year + 3, 1, 1)
        region = recognising.ask_region(
            terms=recognising.Terms(
                code="hz", name="杭州市（演示）", division_code="330100", body="演示杭州碳普惠运营中心",
                agreement="演示互认〔2026〕1号", key=str(there.verifier), since=since, until=until,
            ),
            mandate=self.first, reference=self.reference(), at=self.at - 30 * DAY,
        )  # fmt: skip
        recognising.confirm(row=region, mandate=self.second, at=self.at - 29 * DAY)
        region.refresh_from_db()
        known = {one.code: one for one in Scenario.objects.filter(code__in=[one[2] for one in MAPPINGS])}
        for theirs, methodology, ours, (numerator, denominator), basis in MAPPINGS:
            if ours not in known:
                continue
            row = recognising.ask_mapping(
                region=region, mandate=self.first, reference=self.reference(), at=self.at - 28 * DAY,
                ratio=recognising.Ratio(
                    theirs=theirs, their_methodology=methodology, scenario=known[ours], numerator=numerator,
                    denominator=denominator, since=since, until=until, grade="D", basis=basis,
                ),
            )  # fmt: skip
            recognising.confirm(row=row, mandate=self.second, at=self.at - 27 * DAY)
        if (guest := self.account("villager-a")) is not None:
            recognising.take_in(raw=self.statement(there), account=guest, at=self.at - 2 * DAY)
        if (resident := self.account("green-a")) is not None:
            recognising.give_out(
                account=resident, region=region, first=self.today - 40 * DAY, last=self.today - 5 * DAY,
                text_version=recognising.TEXTS, at=self.at - 4 * DAY,
            )  # fmt: skip

    def statement(self, there: note.Signer) -> bytes:
        """Three weeks of somebody in the other region; the last line is of a scenario nobody maps."""
        first, last = self.today - 24 * DAY, self.today - 4 * DAY
        lines = [
            regionfiles.Line(theirs, methodology, first + place * DAY, 400 + 37 * place % 500, f"{place:064x}")
            for place in range(20)
            for theirs, methodology in [("subway", "HZ-SUBWAY-V02") if place % 3 else ("bike", "HZ-BIKE-V01")]
        ]
        lines.append(regionfiles.Line("ferry", "HZ-FERRY-V01", last, 120, "f" * 64))
        said = regionfiles.Said(log.signer().name, "5a" * 16, first, last, lines)
        return regionfiles.signed(said, there, at=self.at - 3 * DAY)

    # -- apps ---

    def apps(self) -> None:
        owner = Organisation.objects.filter(role=Organisation.Role.SCENARIO).order_by("pk").first()
        if owner is None:
            return
        for name, waits in (("随行碳（演示）", False), ("低碳校园（演示）", True)):
            asked = apps.ask(
                organisation=owner, name=name, back=["https://app.example.cn/tanhui/back"],
                scopes=["inclusion.account"], mandate=self.first, reference=self.reference(), at=self.at - DAY,
            )  # fmt: skip
            if not waits:
                apps.confirm(asked=asked, mandate=self.second, at=self.at)
