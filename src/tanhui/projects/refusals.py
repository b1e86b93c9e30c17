"""The rules of the project cycle that may say no: of owner, land, time, draft, monitoring and issuance."""

from tanhui.kernel.refusal import Refusal, gettext_noop

ORDER_31 = "《温室气体自愿减排交易管理办法（试行）》"
CHIFENG = "《赤峰市生态碳汇实施方案》五（四）"


class OwnerUnfit(Refusal):
    code = "projects.owner_unfit"
    sentence = gettext_noop(
        "%(owner)s cannot own a project. The owner is a legal person or other organisation established in China, and "
        "neither authority, registry, exchange nor verification body."
    )
    clause = ORDER_31 + "第四条"


class OwnerBanned(Refusal):
    code = "projects.owner_banned"
    sentence = gettext_noop(
        "%(owner)s may not apply until %(until)s (— means until further notice), because of a finding in an earlier "
        "project. Wait until then."
    )
    clause = ORDER_31 + "第四十三条"
    status = 403


class BoundaryMissing(Refusal):
    code = "projects.boundary_missing"
    sentence = gettext_noop("The project has no boundary yet. Take parcels over, upload outlines, or list its meters.")
    clause = ORDER_31 + "第十一条"
    status = 422


class CreditingMissing(Refusal):
    code = "projects.crediting_missing"
    sentence = gettext_noop("The crediting period is not given. Enter its first and last day under “Times”.")
    clause = ORDER_31 + "第八条、第十一条"
    status = 422


class CountyMissing(Refusal):
    code = "projects.county_missing"
    sentence = gettext_noop(
        "Name the county authority that reviews and the city authority that files, under “Parties”."
    )
    clause = CHIFENG
    status = 422


class NotCleared(Refusal):
    code = "projects.not_cleared"
    sentence = gettext_noop(
        "Boundary and crediting period must be reviewed by the county and filed by the city before the project is "
        "developed (%(pack)s). Hand it in for county review first."
    )
    clause = CHIFENG


class DraftOpen(Refusal):
    code = "projects.draft_open"
    sentence = gettext_noop(
        "%(count)s points of the draft are open, the first of them “%(first)s”. Fill them in first."
    )
    clause = ORDER_31 + "第十一条"
    status = 422


class ConstructionUnknown(Refusal):
    code = "projects.construction_unknown"
    sentence = gettext_noop("The start of construction is not given. Enter it under “Times”.")
    clause = ORDER_31 + "第十条"
    status = 422


class ConstructionEarly(Refusal):
    code = "projects.construction_early"
    sentence = gettext_noop(
        "Construction began on %(began)s. Only projects begun after %(after)s can be registered; this one cannot."
    )
    clause = ORDER_31 + "第十条"


class Excluded(Refusal):
    code = "projects.excluded"
    sentence = gettext_noop(
        "There is a duty to make these reductions, or an emissions trading scheme covers them already. Such a project "
        "cannot be registered."
    )
    clause = ORDER_31 + "第十条"


class BodyMissing(Refusal):
    code = "projects.body_missing"
    sentence = gettext_noop(
        "Name an approved validation and verification body; it is published together with the document."
    )
    clause = ORDER_31 + "第十二条、第十九条"
    status = 422


class CommentsOpen(Refusal):
    code = "projects.comments_open"
    sentence = gettext_noop("%(count)s comments of the public have no answer yet. Answer each of them first.")
    clause = ORDER_31 + "第十三条、第二十条"


class UnderWay(Refusal):
    code = "projects.under_way"
    sentence = gettext_noop("Monitoring period %(what)s is at “%(state)s”. Finish or withdraw it first.")
    clause = ORDER_31 + "第十六条"


class NotRegistered(Refusal):
    code = "projects.not_registered"
    sentence = gettext_noop(
        "Project %(project)s is at “%(state)s”. Reductions are issued only of a registered project."
    )
    clause = ORDER_31 + "第十七条"


class RunMissing(Refusal):
    code = "projects.run_missing"
    sentence = gettext_noop("No run of the methodology gives the quantity yet. Compute it, or upload its run bundle.")
    clause = ORDER_31 + "第十八条、第四十八条"
    status = 422


class RunOutdated(Refusal):
    code = "projects.run_outdated"
    sentence = gettext_noop(
        "Data of this period were corrected (%(count)s in all) after the run was computed. Compute it again with the "
        "corrected values."
    )
    clause = ORDER_31 + "第十八条、第二十条"


class LessThanATonne(Refusal):
    code = "projects.less_than_a_tonne"
    sentence = gettext_noop("The run gives %(kg)s kg, less than one tonne. Monitor a longer period.")
    clause = ORDER_31 + "第二十二条"


class GeneratedEarly(Refusal):
    code = "projects.generated_early"
    sentence = gettext_noop(
        "The period begins on %(start)s. Only reductions generated after %(after)s can be registered. Begin it later."
    )
    clause = ORDER_31 + "第十七条"


class ReportEarly(Refusal):
    code = "projects.report_early"
    sentence = gettext_noop("The period ends on %(last)s and today is %(today)s. Report it once its last day is past.")
    clause = ORDER_31 + "第十七条、第十八条"


class OutOfReach(Refusal):
    code = "projects.out_of_reach"
    sentence = gettext_noop(
        "The period begins on %(start)s; on %(applied)s only reductions of the last %(years)s years, from %(earliest)s "
        "on, can be applied for. This period can no longer be issued."
    )
    clause = ORDER_31 + "第十七条"


class PeriodTwice(Refusal):
    code = "projects.period_twice"
    sentence = gettext_noop(
        "Days of this period are already in %(other)s (%(first)s to %(last)s). The same day is credited once."
    )
    clause = ORDER_31 + "第四十八条（唯一性）"


class EvidenceMissing(Refusal):
    code = "projects.evidence_missing"
    sentence = gettext_noop(
        "The monitoring data of %(count)s months are not stamped, the first of them %(first)s. Stamp them first."
    )
    clause = "全国碳排放权交易市场月度存证（rules I-07）"


class AppliedDiffers(Refusal):
    code = "projects.applied_differs"
    sentence = gettext_noop(
        "%(applied)s t are applied for and %(verified)s t were verified. Apply for exactly as many."
    )
    clause = ORDER_31 + "第二十一条"
