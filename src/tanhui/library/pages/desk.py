"""The authority's desk: proposals by where they stand, and one of them with everything there is to decide."""

import uuid

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.identity import rights
from tanhui.identity.models import Mandate
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.library import access, forms, proposals, rules
from tanhui.library.acts import checking, commenting, drafting, panel, recording
from tanhui.library.models import Panelist, Proposal
from tanhui.library.pages import proposals_words as words
from tanhui.ui import refusals

READS = rights.member("library.desk", roles=[*proposals.SUPERVISORS, *proposals.HANDLERS])
DECIDES = rights.member("library.decide", roles=proposals.HANDLERS, capacities=proposals.SIGNING)
VIEWS = {  # each with what to say when it is empty
    "new": (gettext_lazy("New"), gettext_lazy("Proposals nobody has taken in hand appear here.")),
    "check": (gettext_lazy("Form check"), gettext_lazy("Proposals being checked appear here.")),
    "comment": (gettext_lazy("Public comment"), gettext_lazy("Proposals open to comment appear here.")),
    "review": (gettext_lazy("Expert review"), gettext_lazy("Proposals before the experts appear here.")),
    "filed": (gettext_lazy("Filed"), gettext_lazy("What is filed and not yet published appears here.")),
    "returned": (gettext_lazy("Returned"), gettext_lazy("What is being corrected waits here; its clock stands still.")),
    "done": (gettext_lazy("Done"), gettext_lazy("What was published, not approved or withdrawn appears here.")),
}
SHOWN = 200
SIGNS = {
    "propose": Mandate.Capacity.INITIATE, "take_back": Mandate.Capacity.INITIATE, "confirm": Mandate.Capacity.CONFIRM,
    "turn_down": Mandate.Capacity.CONFIRM,
}  # fmt: skip


@rights.needs(READS)
@require_GET
def queue(request, view="new"):
    now = timezone.now()
    if view not in VIEWS:
        raise Http404
    form = forms.Search(request.GET)
    searched = form.cleaned_data["q"].replace("\x00", "").strip() if form.is_valid() else ""
    rows = list(proposals.queue(request.user, view, at=now, searched=searched)[:SHOWN])
    for one in rows:
        one.due, one.tone = proposals.due(one, today=clock.day(now)), words.TONES[one.state]
    counts = proposals.counts(request.user, at=now)
    title, advice = VIEWS[view]
    return render(
        request, "library/desk/queue.html",
        {
            "rows": rows, "view": view, "title": title, "advice": advice, "form": form, "searched": searched,
            "tabs": [(name, label, counts[name] if name != "done" else None) for name, (label, _a) in VIEWS.items()],
            "full": len(rows) == SHOWN, "decides": bool(proposals.bodies(request.user, at=now)),
        },
    )  # fmt: skip


@rights.needs(READS, post=DECIDES)
@require_http_methods(["GET", "POST"])
def proposal(request, key):
    """One proposal: what is proposed, its papers, comments, votes and minutes, and the decision that is due."""
    now = timezone.now()
    one = access.desk_proposal(request.user, key, at=now)
    desk = Desk(request, one, now)
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if desk.decide():
                return redirect("library:desk_proposal", one.pk)
        except Refusal as refusal:
            status = desk.refused(refusal)
            desk.one = access.desk_proposal(request.user, key, at=now)
    return render(request, "library/desk/proposal.html", desk.laid_out(), status=status)


class Desk:
    """The forms of the page, of which one was sent, and what they carry out."""

    def __init__(self, request, one, now):
        self.request, self.one, self.now = request, one, now
        self.do, self.refusal = request.POST.get("do", ""), None
        self.experts = self.candidates() if one.state in {Proposal.State.COMMENT, Proposal.State.REVIEW} else []
        fresh = {"revision": one.revision, "reference": uuid.uuid4()}
        today = clock.day(now)
        revised = one.revises.methodology.code if one.revises else ""
        sent = {
            "check": {"publicise", "return", "reject"}, "convene": {"convene", "appoint"}, "minutes": {"minutes"},
            "filing": {"propose"}, "act": {"take", "publish", "confirm", "take_back", "turn_down"},
        }  # fmt: skip
        data = {name: request.POST if self.do in which else None for name, which in sent.items()}
        choices = [(person.username, f"{person.name} · {body}") for person, body, _b in self.experts]
        self.forms = {
            "check": forms.Check(data["check"], initial=fresh),
            "convene": forms.Convene(data["convene"], initial=fresh, experts=choices),
            "minutes": forms.Minutes(data["minutes"], initial=fresh | {"held_on": today}),
            "filing": forms.Filing(
                data["filing"], initial=fresh | {"valid_from": today, "version": "V01", "code": revised}
            ),
            "act": forms.Act(data["act"], initial=fresh),
        }
        self.sent = next((self.forms[name] for name, which in sent.items() if self.do in which), None)
        self.answering = request.POST.get("comment", "")
        self.answer = forms.Answer(request.POST if self.do in {"show", "hide", "answer"} else None)

    def candidates(self):
        """Whoever can be appointed, with their committee, and whether they are barred from this proposal."""
        return [
            (person, panel.committee_of(person, at=self.now), panel.barred(self.one, person, at=self.now))
            for person in proposals.experts(at=self.now)
        ]

    def decide(self):
        """Carry out what was chosen; ``False`` when the form is not filled in or it is nothing known."""
        if self.do in {"show", "hide", "answer"}:
            return self.moderate()
        if self.sent is None or not self.sent.is_valid():
            return False
        given = self.sent.cleaned_data
        mandate = access.handler(self.request.user, self.one, SIGNS.get(self.do, ""), at=self.now)
        common = {"proposal": self.one, "mandate": mandate, "at": self.now}
        named = common | {"reference": given["reference"]}
        full = named | {"revision": given["revision"]}
        said = {
            "take": _("Taken in hand."), "publicise": _("Open to comment."), "return": _("Returned."),
            "reject": _("Turned down."), "convene": _("The panel is appointed."), "appoint": _("Appointed."),
            "minutes": _("The minutes are kept."),
            "propose": _("Signed. A colleague must sign too; then it is filed."), "confirm": _("Filed."),
            "turn_down": _("Not signed. The review stands as it was."), "take_back": _("Taken back."),
            "publish": _("Published. The version stands in the library."),
        }  # fmt: skip
        match self.do:
            case "take":
                checking.take(**named)
            case "publicise":
                checking.publicise(**full, checklist=given["checklist"])
            case "return":
                checking.send_back(**full, reason=given["reason"], remarks=self.sent.remarks)
            case "reject":
                checking.reject(**full, reason=given["reason"])
            case "convene":
                panel.convene(**full, experts=self.chosen(given["experts"]))
            case "appoint":
                for expert in self.chosen(given["experts"]):
                    panel.appoint(**common, expert=expert)
            case "minutes":
                panel.conclude(**common, text=given["text"], held_on=given["held_on"])
            case "propose":
                names = ("code", "version", "number", "valid_from", "previous_until")
                wanted = recording.Wanted(**{name: given[name] for name in names})
                recording.propose(**full, wanted=wanted)
            case "confirm":
                recording.confirm(**common)
            case "turn_down" | "take_back":
                outcome = "REJECTED" if self.do == "turn_down" else "WITHDRAWN"
                recording.drop(
                    **common, outcome=outcome, reason=self.request.POST.get("reason", "").replace("\x00", "")
                )
            case _:
                recording.publish(**full)
        messages.success(self.request, said[self.do])
        return True

    def chosen(self, usernames):
        return [person for person, _body, _barred in self.experts if person.username in set(usernames)]

    def moderate(self):
        if not self.answering.isascii() or not self.answering.isdigit() or len(self.answering) > 9:
            raise Http404
        comment = access.public_comment(self.one, int(self.answering))
        mandate = access.handler(self.request.user, self.one, at=self.now)
        common = {"comment": comment, "mandate": mandate, "at": self.now}
        if not self.answer.is_valid():
            return False
        given = self.answer.cleaned_data
        if self.do == "show":
            commenting.show(**common)
        elif self.do == "hide":
            commenting.hide(**common, reason=given["hidden_reason"])
        else:
            commenting.answer(**common, text=given["text"], adopted=given["adopted"])
        messages.success(self.request, _("Done."))
        return True

    def refused(self, refusal):
        """Beside the form it came by, or above the page."""
        if self.sent is not None and self.do not in {"take", "publish", "confirm", "take_back", "turn_down"}:
            return refusals.show(self.sent, refusal)
        self.refusal = refusal
        return refusal.status

    def laid_out(self):
        one, now, person = self.one, self.now, self.request.user
        today = clock.day(now)
        rounds, taken, seats = proposals.rounds(one), proposals.steps(one), proposals.panel(one)
        minutes = proposals.minutes(one)
        current = next((row for row in minutes if row.round_id == rounds[-1].pk), None)
        decides = any(row.membership.organisation_id == one.authority_id for row in proposals.bodies(person, at=now))
        involved = checking.has_part(one, person, at=now)
        mine = decides and one.handler_id == person.pk
        asked = one.instruction
        decision = proposals.decision(asked)
        waiting = asked is not None and decision is None and asked.expires_at > now
        seated = {seat.person_id for seat in seats if seat.round_id == rounds[-1].pk}
        over = one.comment_until is not None and one.comment_until < today
        before = rounds[-2].content if len(rounds) > 1 else None
        limits = {}
        try:
            limits = rules.review(one.scheme, today)
        except rules.RuleMissing as refusal:
            self.refusal = self.refusal or (refusal if one.state == Proposal.State.REVIEW else None)
        check = self.forms["check"]
        ticked = set(check["checklist"].value() or [])
        return {
            "proposal": one, "tone": words.TONES[one.state], "refusal": self.refusal, "forms": self.forms,
            "due": proposals.due(one, today=today), "limits": one.limits, "line": words.life_line(one, taken),
            "steps": words.history(taken), "round": rounds[-1], "rounds": rounds,
            "sections": words.sections(
                drafting.filled_in(rounds[-1]) if decides else rounds[-1].content, one, contact=decides, before=before
            ),
            "papers": [row for row in words.paper_files(rounds[-1].papers) if decides or row[0] != "FORM"],
            "comments": proposals.comments(one, everything=decides), "answer": self.answer, "answering": self.answering,
            "points": [
                (name, point, name in ticked, check[f"remark-{name}"]) for name, point in rules.POINTS.items()
            ],
            "experts": [
                (who, body, barred, who.pk in seated) for who, body, barred in self.experts
            ],
            "votes": words.votes(seats), "minutes": [(row, words.scores(row)) for row in minutes],
            "passed": current is not None and current.outcome == "PASSED", "current": current,
            "counts": {
                "cast": sum(hasattr(seat, "vote") for seat in seats),
                "recused": sum(seat.declared == Panelist.Declared.CONFLICT for seat in seats), "all": len(seats),
            },
            "review_rules": limits, "decides": decides, "involved": involved, "mine": mine and not involved,
            "asked": asked if waiting else None, "decision": decision,
            "signs": waiting and decides and not involved and asked.initiator_id != person.pk,
            "asked_by_me": waiting and asked.initiator_id == person.pk,
            "over": over, "open": commenting.open_to_comment(one, at=now),
        }  # fmt: skip
