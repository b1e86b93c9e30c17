from django.urls import URLPattern, path

from tanhui.projects.pages import shares, shares_desk, shares_own, shares_sale

patterns: list[URLPattern] = [
    path("sharing-out", shares.listing, name="shares"),
    path("sharing-out/desk", shares_desk.desk, name="shares_desk"),
    path("sharing-out/mine", shares_own.mine, name="shares_mine"),
    path("sharing-out/mine/<int:key>", shares_own.line, name="shares_line"),
    path("sharing-out/roll-template.xlsx", shares_desk.roll_template, name="roll_template"),
    path("sharing-out/asked/<uuid:key>", shares_desk.asked, name="shares_asked"),
    path("sharing-out/proposals/<uuid:key>", shares_desk.proposal, name="share_proposal"),
    path("sharing-out/sales/<int:key>", shares_sale.sale, name="share_sale"),
    path("sharing-out/payouts/<uuid:key>/bank.xlsx", shares_sale.bank, name="payout_bank"),
    path("sharing-out/holders/<uuid:key>/account", shares_desk.account, name="holder_account"),
    path("sharing-out/desk/<int:number>", shares_desk.project, name="shares_project_desk"),
    path("sharing-out/desk/<int:number>/roll", shares_desk.roll, name="roll_new"),
    path("sharing-out/desk/<int:number>/rule", shares_desk.rule, name="split_new"),
    path("sharing-out/desk/<int:number>/sale", shares_desk.sale_new, name="sale_new"),
    path("sharing-out/<int:number>", shares.project, name="shares_project"),
]
