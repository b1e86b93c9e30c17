"""What everyone may see of projects on their way: public notices, a project's page, its monitoring periods, the
procedures as they are, and how long each stage takes."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.identity import rights
from tanhui.kernel import clock
from tanhui.kernel.period import DAY
from tanhui.kernel.refusal import Refusal
from tanhui.projects import access_cycle, deadlines, drawing, machine, numbers
from tanhui.projects.acts import commenting
from tanhui.projects.models import Development
from tanhui.projects.pages import cycle_words as words
from tanhui.projects.pages import public_cells as cells
from tanhui.projects.queries import clawbacks, cycle

LATEST = 30


@rights.needs(rights.PUBLIC)
@require_GET
def notices(request):
    """What is on public notice now, and what became public last."""
    now = timezone.now()
    running = [words.row(one, now=now, public=True) for one in cycle.in_notice(today=clock.day(now))]
    listed = {row.subject.pk for row in running}
    others = cycle.disclosed().exclude(pk__in=listed).order_by("-changed_at")[:LATEST]
    return render(
        request, "projects/cycle/notices.html",
        {"running": running, "others": [words.row(one, now=now, public=True) for one in others]},
    )  # fmt: skip


@rights.needs(rights.PUBLIC)
@require_http_methods(["GET", "POST"])
def development(request, number):
    """A project as everyone sees it; whoever is signed in may comment while it is on notice."""
    return shown(request, access_cycle.public_development(number))


@rights.needs(rights.PUBLIC)
@require_http_methods(["GET", "POST"])
def period(request, number):
    """A monitoring period as everyone sees it."""
    return shown(request, access_cycle.public_period(number))


def shown(request, subject):
    now, held = timezone.now(), numbers.development_of(subject)
    refusal, status = None, 200
    if request.method == "POST":
        if not request.user.is_authenticated:
            return rights.sign_in_first(request)
        try:
            commenting.comment(
                subject=subject, text=request.POST.get("text", "").replace("\x00", ""), person=request.user, at=now,
                organisation=request.POST.get("organisation", "").replace("\x00", ""),
            )  # fmt: skip
            messages.success(request, _("Your comment is published. The owner answers it here."))
            return redirect(words.public_page(subject) + "#comments")
        except Refusal as said:
            refusal, status = said, said.status
    state, is_project = deadlines.state(subject), isinstance(subject, Development)
    crediting = held.crediting
    return render(
        request, "projects/cycle/public.html",
        {
            "subject": subject, "development": held, "is_project": is_project, "state": state,
            "tone": words.tone(state), "profile": machine.profile(held.profile), "title": words.title(subject),
            "line": words.line(subject), "left": deadlines.left(subject, today=clock.day(now)),
            "limit": subject.limit, "open": commenting.open_to_comment(subject, at=now),
            "papers": words.files(subject, private=False), "comments": cycle.comments(subject),
            "stations": list(reversed(cycle.lifeline(subject))), "refusal": refusal,
            "area": cycle.area_m2(held), "facilities": held.facilities.order_by("kind", "key"),
            "boundaries": held.boundaries.count(),
            "crediting": (crediting.lower, crediting.upper - DAY) if crediting and crediting.upper else None,
            "span": None if is_project else (subject.span.lower, subject.span.upper - DAY),
            "periods": [
                words.row(one, now=now, public=True)
                for one in cycle.disclosed_periods().filter(development=held).order_by("number")
            ] if is_project else [],
            "evidence": held.evidence.order_by("-month", "-at")[:24] if held.registered_id else [],
            "typed": request.POST.get("text", ""),
            "clawed": cells.CLAWED if is_project and held.monitorings.filter(state__in=clawbacks.OPEN).exists() else "",
            "clawback": None if is_project else words.clawback(subject, today=clock.day(now)),
        },
        status=status,
    )  # fmt: skip


@rights.needs(rights.PUBLIC)
@require_GET
def stages(request):
    """How long each stage took, in working days: the mean over everything that has passed it."""
    return render(request, "projects/cycle/stages.html", {"stages": cycle.stages()})


@rights.needs(rights.PUBLIC)
@require_GET
def procedures(request):
    """The procedures as they are carried out, drawn from the very data that carries them out."""
    wanted = request.GET.get("procedure", "")
    known = machine.profiles()
    if wanted and wanted not in known:
        raise Http404
    chosen = known[wanted or next(iter(known))]
    machines = [chosen.development, chosen.monitoring, machine.clawback()]
    return render(
        request, "projects/cycle/procedures.html",
        {
            "profile": chosen, "profiles": known.values(),
            "machines": [(one, drawing.drawn(one), table(one, chosen)) for one in machines],
            "papers": [(kind, machine.side(kind.side)) for kind in chosen.papers.values()],
        },
    )  # fmt: skip


def table(one, profile):
    """The table of a machine in words."""
    return [
        (row, one.of(row.before), one.of(row.after), machine.side(row.side),
         [profile.papers[kind].label for kind in row.papers if kind in profile.papers])
        for row in one.table
    ]  # fmt: skip
