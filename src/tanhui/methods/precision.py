"""What methodologies of sampled stocks have in common when the sample is too small."""

from tanhui.kernel.refusal import Refusal, gettext_noop


class MorePlotsNeeded(Refusal):
    code = "methods.more_plots_needed"
    sentence = gettext_noop(
        "The stock is known to ±%(uncertainty)s %% only, and the methodology deducts up to ±%(limit)s %%. "
        "Measure more plots, or stratify better."
    )
    clause = "AR-CM-001-V01, precision control"
    status = 422
