"""Proposals as everybody meets them: what is open to comment, what was said, how the experts voted."""

from allauth.core.internal import ratelimit
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tanhui.identity import rights
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.library import access, forms, proposals
from tanhui.library.acts import commenting
from tanhui.library.models import Proposal
from tanhui.library.pages import proposals_words as words
from tanhui.ui import refusals

SHOWN = 200
BY_ADDRESS = "10/h/ip"  # comments of people who are not signed in


@rights.needs(rights.PUBLIC)
@require_safe
def public(request):
    """Every proposal that was opened to comment: those open now, those under way, and what became of the others."""
    now = timezone.now()
    rows = list(proposals.public()[:SHOWN])
    for one in rows:
        one.tone = words.TONES[one.state]
        one.open = commenting.open_to_comment(one, at=now)
        one.left = proposals.left(one.comment_until, today=clock.day(now)) if one.open else None
    under_way = {Proposal.State.COMMENT, Proposal.State.REVIEW, Proposal.State.APPROVED, *Proposal.AT_WORK}
    groups = [
        ("open", [one for one in rows if one.open]),
        ("review", [one for one in rows if not one.open and one.state in under_way | {Proposal.State.RETURNED}]),
        ("done", [one for one in rows if one.state in {"PUBLISHED", "REJECTED", "WITHDRAWN"}]),
    ]
    return render(request, "library/proposals/public.html", {"groups": dict(groups), "rows": rows})


@rights.needs(rights.PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def public_proposal(request, number):
    """One proposal with its text, comments, votes and minutes; and the form to say something while it is open."""
    now = timezone.now()
    one = access.public_proposal(number)
    person = request.user if request.user.is_authenticated else None
    initial = {"name": person.name if person else ""}
    form, status = forms.Comment(request.POST if request.method == "POST" else None, initial=initial), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                if person is None and not ratelimit.consume(
                    request, app="tanhui", action="library_comment", config={"library_comment": BY_ADDRESS}, key=None
                ):
                    return ratelimit.respond_429(request)
                made = commenting.comment(proposal=one, person=person, at=now, **form.cleaned_data)
                messages.success(request, thanks(made))
                return redirect("library:public_proposal", one.code)
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    return render(request, "library/proposals/public_proposal.html", laid_out(one, now) | {"form": form}, status=status)


def thanks(made):
    if made.state == made.State.SHOWN:
        return _("Thank you. Your comment stands below and will be answered.")
    return _("Thank you. Your comment is shown as soon as the authority has looked at it, and will be answered.")


def laid_out(one, now):
    rounds, taken, panel = proposals.rounds(one), proposals.steps(one), proposals.panel(one)
    minutes = proposals.minutes(one)
    closed = bool(minutes) and bool(panel) and minutes[0].round_id == panel[0].round_id
    public = one.disclosed_at
    return {
        "proposal": one, "tone": words.TONES[one.state], "open": commenting.open_to_comment(one, at=now),
        "left": proposals.left(one.comment_until, today=clock.day(now)) if one.comment_until else None,
        "line": words.life_line(one, taken),
        "steps": [row for row in words.history(taken) if row[0].at >= public or row[0].act == "submit"],
        "sections": words.sections(rounds[-1].content, one), "round": rounds[-1],
        "papers": [row for row in words.paper_files(rounds[-1].papers) if row[0] != "FORM"],
        "comments": proposals.comments(one), "minutes": [(row, words.scores(row)) for row in minutes],
        "votes": words.votes(panel) if closed else [], "panel": panel, "limit": one.limits.get("COMMENT"),
    }  # fmt: skip
