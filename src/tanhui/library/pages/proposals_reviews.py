"""Reviews as an expert meets them: which ones, the declaration of interests, and the vote."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.identity import rights
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.library import access, forms, proposals
from tanhui.library.acts import panel
from tanhui.library.models import Panelist, Proposal
from tanhui.library.pages import proposals_words as words
from tanhui.ui import refusals


@rights.needs(rights.PERSON)
@require_GET
def reviews(request):
    """The reviews the visitor sits in."""
    now = timezone.now()
    rows = list(proposals.panels_of(request.user))
    for one in rows:
        one.due = proposals.due(one.proposal, today=clock.day(now)) if one.proposal.state == "REVIEW" else None
        one.tone = words.TONES[one.proposal.state]
        one.cast = proposals.vote_of(one)
    return render(request, "library/proposals/reviews.html", {"rows": rows})


@rights.needs(rights.PERSON)
@require_http_methods(["GET", "POST"])
def review(request, key):
    """One's own seat: the proposal with its papers and comments, the declaration, and the vote."""
    now = timezone.now()
    seat = access.panelist(request.user, key)
    data = request.POST if request.method == "POST" else None
    do = request.POST.get("do")
    declare = forms.Declare(data if do == "declare" else None, initial={"declared": seat.declared})
    ballot = forms.Ballot(data if do == "vote" else None)
    status = 200
    if data is not None:
        status = 422
        try:
            if do == "declare" and declare.is_valid():
                panel.declare(
                    panelist=seat, conflict=declare.cleaned_data["declared"] == Panelist.Declared.CONFLICT,
                    statement=declare.cleaned_data["statement"], by=request.user, at=now,
                )  # fmt: skip
                messages.success(request, _("Declared."))
                return redirect("library:review", seat.pk)
            if do == "vote" and ballot.is_valid():
                given = ballot.cleaned_data
                panel.vote(
                    panelist=seat, choice=given["choice"], reason=given["reason"], scores=ballot.scores,
                    by=request.user, at=now,
                )  # fmt: skip
                messages.success(request, _("Your vote is cast."))
                return redirect("library:review", seat.pk)
        except Refusal as refusal:
            status = refusals.show(declare if do == "declare" else ballot, refusal)
    one = seat.proposal
    rounds = proposals.rounds(one)
    mine = next(row for row in rounds if row.pk == seat.round_id)
    running = one.state == Proposal.State.REVIEW and mine.pk == rounds[-1].pk and not hasattr(mine, "minutes")
    vote = proposals.vote_of(seat)
    return render(
        request, "library/proposals/review.html",
        {
            "seat": seat, "proposal": one, "tone": words.TONES[one.state], "running": running, "vote": vote,
            "scores": words.votes([seat])[0][2], "declare": declare, "ballot": ballot,
            "due": proposals.due(one, today=clock.day(now)) if running else None,
            "sections": words.sections(mine.content, one), "comments": proposals.comments(one),
            "papers": [row for row in words.paper_files(mine.papers) if row[0] != "FORM"],
            "may_vote": running and seat.declared == Panelist.Declared.NONE and vote is None,
            "may_declare": running and vote is None and seat.declared != Panelist.Declared.CONFLICT,
        },
        status=status,
    )  # fmt: skip
