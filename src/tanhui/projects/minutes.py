"""The minutes of a panel on paper."""

from tanhui.kernel import clock
from tanhui.projects.acts import panel as acts
from tanhui.projects.models import Panel, Seat
from tanhui.projects.queries import review
from tanhui.ui import paper

TEMPLATE = "projects/papers/minutes.typ"
OUTCOMES = {"APPROVED": "通过", "REJECTED": "不通过"}
CHOICES = {"APPROVE": "同意", "REJECT": "不同意", "ABSTAIN": "弃权"}


def pdf(panel: Panel) -> bytes:
    """The minutes of a concluded panel as PDF/A; the same bytes whenever they are asked for. Refuses with
    ``ui.glyph_missing`` where a name cannot be printed."""
    minutes, matter = panel.minutes, acts.matter(panel)
    quorum, majority = panel.rules[acts.QUORUM], panel.rules[acts.MAJORITY]
    data = {
        "title": "专家评审纪要", "subtitle": "Minutes of the expert committee",
        "number": f"{matter.code}-{panel.number}",
        "operator": panel.convener.name, "demonstration": panel.development.scheme == "DEMO", "qr": None, "url": None,
        "matter": str(matter), "owner": panel.development.owner.name, "methodology": panel.development.methodology,
        "convener": panel.convener.name, "held_on": minutes.held_on.isoformat(), "text": minutes.text,
        "approved": minutes.outcome == "APPROVED", "outcome": OUTCOMES[minutes.outcome],
        "counted": (
            f"聘请 {minutes.appointed} 人，回避 {minutes.recused} 人；同意 {minutes.approve} 票，"
            f"不同意 {minutes.reject} 票，弃权 {minutes.abstain} 票。"
        ),
        "seats": [said(one) for one in review.seats(panel)], "entry": str(minutes.entry), "by": minutes.by.name,
        "quorum": f"{quorum['value']} 票（{quorum['pack']} {quorum['clause']}，依据等级 {quorum['grade']}）",
        "majority": f"{majority['value']}%（{majority['pack']} {majority['clause']}，依据等级 {majority['grade']}）",
    }  # fmt: skip
    return paper.render(template=TEMPLATE, data=data, at=clock.aware(minutes.at))


def said(seat: Seat) -> dict[str, str]:
    vote = getattr(seat, "vote", None)
    if vote is not None:
        choice, reason = CHOICES[vote.choice], vote.reason
    elif seat.declared == Seat.Declared.CONFLICT:
        choice, reason = "回避", seat.statement
    else:
        choice, reason = "未投票", ""
    return {"name": seat.expert.person.name, "field": seat.expert.field, "vote": choice, "reason": reason}
