"""The addresses of the use of stock sinks: products, compensation, restoration, incentives (articles 11 to 15)."""

from django.urls import URLPattern, path

from tanhui.inventory.pages import compensation, holders, incentives, products, restoration

patterns: list[URLPattern] = [
    path("stock-sinks/products", products.listing, name="products"),
    path("stock-sinks/products/<str:code>", products.product, name="product"),
    path("stock-sinks/uses/<str:number>", products.use, name="stock_use"),
    path("stock-sinks/uses/<str:number>/pdf", products.use_pdf, name="stock_use_pdf"),
    path("stock-sinks/uses/<str:number>/proof", products.use_proof, name="stock_use_proof"),
    path("stock-sinks/ours", holders.mine, name="stock_mine"),
    path("stock-sinks/ours/<str:code>/use", holders.use, name="stock_use_ask"),
    path("stock-sinks/ours/<str:code>/give", holders.give, name="stock_give"),
    path("stock-sinks/ours/<str:code>/pledge", holders.pledge, name="stock_pledge"),
    path("stock-sinks/pledges/<int:key>/release", holders.release, name="stock_release"),
    path("stock-sinks/asked/<uuid:key>", holders.asked, name="stock_asked"),
    path("stock-sinks/compensation", compensation.listing, name="compensations"),
    path("stock-sinks/compensation/<int:key>", compensation.worksheet, name="compensation"),
    path("stock-sinks/restoration", restoration.listing, name="restoration"),
    path("stock-sinks/restoration/<uuid:key>", restoration.works, name="works"),
    path("stock-sinks/incentives", incentives.listing, name="incentives"),
    path("desk/stock-sinks/<str:code>/offer", products.offer, name="products_offer"),
    path("desk/stock-sinks/<str:code>/compensation", compensation.prepare, name="compensation_prepare"),
    path("desk/stock-sinks/restoration/enter", restoration.enter, name="works_enter"),
    path("desk/stock-sinks/incentives/grant", incentives.grant, name="incentive_grant"),
    path("desk/stock-sinks/incentives/<int:key>/paid", incentives.paid, name="incentive_paid"),
]
