"""AR-TOOL03: number of sample plots for measurements in afforestation and reforestation projects."""
