"""What must be public, item by item (rules §12): its clause, who publishes it when, and where it stands here."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Item:
    """One duty. ``pages`` are names of addresses with a query where it is kept; without one, ``module`` says which part
    of the product will keep it."""

    code: str
    what: Any
    when: Any
    who: Any
    clause: str
    pages: tuple[tuple[str, str], ...] = ()
    module: Any = ""

    def addresses(self) -> list[tuple[str, str]]:
        """Each page's name and address."""
        return [(name, address(name) + query) for name, query in self.pages]


def address(name: str) -> str:
    view, *arguments = name.split("/")
    return reverse(view if ":" in view else f"portal:{view}", args=arguments)


A = "《温室气体自愿减排交易管理办法（试行）》"
PROJECTS = _("project filing and public notice")
ITEMS = (
    Item(
        "D-01", _("Methodologies with their versions and crediting limits"), _("on approval"),
        _("competent authority"), f"{A}第八条", (("library:methodologies", ""), ("publications_of/rule", "")),
    ),
    Item(
        "D-02", _("Project design with the name of the validation body, and a box for comments"),
        _("20 working days before the validation is relied on"), _("project owner"), f"{A}第十二条", module=PROJECTS,
    ),
    Item(
        "D-03", _("Validation report with its conclusion and how comments were handled"), _("on upload"),
        _("validation body"), f"{A}第十三条", module=PROJECTS,
    ),
    Item(
        "D-04", _("Registration decision with all material handed in"), _("on registration"), _("registry operator"),
        f"{A}第十五条", (("projects", ""),),
    ),
    Item(
        "D-05", _("Cancellation of a project"), _("when it happens"), _("registry operator"), f"{A}第十六条",
        (("projects", "?state=CANCELLED"),),
    ),
    Item(
        "D-06", _("Monitoring report with the name of the verification body, and a box for comments"),
        _("20 working days"), _("project owner"), f"{A}第十九条", module=PROJECTS,
    ),
    Item(
        "D-07", _("Verification report with the verified quantity"), _("on upload"), _("verification body"),
        f"{A}第二十条", (("projects", ""),),
    ),
    Item(
        "D-08", _("Issuance with its batches and serials"), _("on issuance"), _("registry operator"), f"{A}第二十二条",
        (("batches", ""),),
    ),
    Item(
        "D-09", _("Validation and verification bodies, their withdrawal, sanctions and yearly reports"),
        _("when it happens"), _("market regulator, competent authority"), f"{A}第三十条、第三十二条、第四十四条",
        (("projects:work_reports", ""), ("publications_of/announcement", ""), ("publications_of/sanction", "")),
    ),
    Item(
        "D-10", _("Administrative penalties"), _("when it happens"), _("competent authority"), f"{A}第四十条",
        (("publications_of/sanction", ""),),
    ),
    Item(
        "D-11", _("Rules of the registry and the exchange, fees, and guides to opening an account"), _("always"),
        _("registry operator, exchange"), "《温室气体自愿减排注册登记规则（试行）》第五条",
        (("publications_of/rule", ""), ("publications_of/fee", ""), ("publications_of/guide", "")),
    ),
    Item(
        "D-12", _("Daily market data of each way of trading"), _("every trading day"), _("exchange"),
        "《温室气体自愿减排交易和结算规则（试行）》", module=_("market"),
    ),
    Item(
        "D-13", _("Market announcements: new instruments, halts, rule changes, closed days"), _("when it happens"),
        _("exchange"), "《温室气体自愿减排交易和结算规则（试行）》", (("publications_of/market", ""),),
    ),
    Item(
        "D-14", _("Retirement register: quantity, purpose, beneficiary, serials, day, certificate"),
        _("when it happens"), _("registry operator"), "ARCHITECTURE.md §6.5",
        (("retirements", ""), ("beneficiaries", "")),
    ),
    Item(
        "D-15", _("Notice to stakeholders with the contract and the sharing of benefits"), _("at least 7 working days"),
        _("project owner"), "《广东省碳普惠交易管理办法》", module=PROJECTS,
    ),
    Item(
        "D-16", _("Neutrality statements of events"), _("after confirmation"), _("organiser"),
        "《大型活动碳中和实施指南（试行）》第五条", (("retirements", "?purpose=EVENT"),),
    ),
    Item(
        "D-17", _("Report, atlas and bulletin of stored carbon, and how its data is shared"), _("yearly"),
        _("natural resources bureau"), "《存量碳汇核算与共享办法》", (("publications_of/report", ""),),
        module=_("stored-carbon inventory"),
    ),
    Item(
        "D-18", _("Government information"), _("within 20 working days of its making or change"),
        _("competent authority"), "《中华人民共和国政府信息公开条例》第二十六条", (("publications", ""),),
    ),
    Item(
        "D-19", _("Policy, accounting, issuance, use, disclosure and supervision on one portal"), _("always"),
        _("operator of the platform"), "《碳普惠体系建设方案》", (("sitemap", ""), ("disclosure", "")),
    ),
    Item(
        "D-20", _("How personal information is handled, and where to complain"), _("always"),
        _("operator of the platform"),
        "《中华人民共和国个人信息保护法》第十七条；《网络数据安全管理条例》第二十、二十一条",
        (("privacy", ""),),
    ),
    Item(
        "D-21", _("Circulars on sanctions against participants"), _("when it happens"), _("competent authority"),
        "《碳普惠市场监督管理办法》", (("publications_of/sanction", ""),),
    ),
    Item(
        "D-22", _("Whether units are bound by a financing: yes or no for each lot, never between whom"), _("always"),
        _("registry operator"), "ARCHITECTURE.md §6.3", (("look_up", ""),),
    ),
)  # fmt: skip
