from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from tanhui.identity import rights
from tanhui.registry import access, forms
from tanhui.registry import certificates as papers
from tanhui.registry.pages.certificates import download

READ = rights.member("registry.accounts", at_door=True)


@rights.needs(rights.person("registry.accounts"))
@require_GET
def mine(request):
    """The account of the visitor's organisation; a page that says what to do when there is none."""
    first = next(iter(access.accounts(request.user, at=timezone.now())), None)
    if first is None:
        return render(request, "registry/no_account.html")
    return redirect("registry:holdings", first.code)


@rights.needs(READ)
@require_GET
def statement(request, code):
    now = timezone.now()
    account = access.account(request.user, code, at=now)
    form = forms.Span(request.GET)
    if not form.is_valid():
        return render(request, "registry/statement.html", {"account": account, "form": form}, status=422)
    since, until = form.cleaned_data["since"], form.cleaned_data["until"]
    pdf = papers.statement(account=account, since=since, until=until, at=now)
    return download(pdf, f"{account.code}-{since}-{until}.pdf", "application/pdf")


@rights.needs(READ)
@require_GET
def holding(request, code):
    now = timezone.now()
    account = access.account(request.user, code, at=now)
    pdf = papers.holding(account=account, at=now)
    return download(pdf, f"{account.code}-{timezone.localtime(now):%Y%m%d}.pdf", "application/pdf")
