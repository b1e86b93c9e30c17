"""Co-benefits follow a reduction that has its own conditions: there is none to ask for here."""
