"""The addresses of rewards, merchants and pooling."""

from django.urls import URLPattern, path

from tanhui.inclusion.pages import merchant, pooling_desk, rewards, rewards_desk

patterns: list[URLPattern] = [
    path("rewards", rewards.listing, name="rewards"),
    path("rewards/vouchers", rewards.mine, name="vouchers"),
    path("rewards/vouchers/<uuid:key>", rewards.voucher, name="voucher"),
    path("rewards/<uuid:key>", rewards.offer, name="offer"),
    path("merchant", merchant.home, name="merchant"),
    path("merchant/check", merchant.check, name="merchant_check"),
    path("desk/rewards", rewards_desk.desk, name="desk_rewards"),
    path("desk/rewards/<uuid:key>", rewards_desk.merchant, name="desk_merchant"),
    path("desk/pooling", pooling_desk.listing, name="pooling"),
    path("desk/pooling/<uuid:key>", pooling_desk.pool, name="pool"),
]
