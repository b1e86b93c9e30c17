"""Bodies of requests that are right, to be spoilt by tests."""


def transfer(register, tonnes=10, **overrides):
    return {
        "account": register.owner.account.code, "sub_account": "ISSUED", "target": register.buyer.account.code,
        "units": [{"batch": register.batch.asset.code, "quantity_t": tonnes}],
    } | overrides  # fmt: skip


def retirement(register, tonnes=10, **overrides):
    return {
        "account": register.owner.account.code, "sub_account": "ISSUED", "purpose": "EVENT",
        "beneficiary": {"kind": "EVENT", "name": "城市马拉松"},
        "units": [{"batch": register.batch.asset.code, "quantity_t": tonnes}],
    } | overrides  # fmt: skip
