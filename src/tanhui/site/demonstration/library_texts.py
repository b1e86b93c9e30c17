"""What the proposals of the demonstration say. Made up, except the methodologies that were published elsewhere."""

from dataclasses import dataclass, field
from datetime import date

FILES = {"FORM": "申请表.pdf", "TEXT": "方法学文本（草案）.pdf", "GROUNDS": "编制说明.pdf"}


@dataclass(frozen=True, kw_only=True)
class Entered:
    """A methodology that was published elsewhere."""

    code: str
    version: str
    name: str
    name_en: str
    scheme: str
    sector: str
    category: str
    issuer: str
    source: str
    number: str
    published_on: date
    summary: str
    package: str
    years_min: int | None = None
    years_max: int | None = None


ENTERED = [
    Entered(
        code="AR-CM-001", version="V01", name="碳汇造林项目方法学", name_en="Carbon sink afforestation", scheme="CCER",
        sector="FOREST", category="PROJECT", issuer="国家发展和改革委员会",
        source="温室气体自愿减排方法学备案（2013 年）",
        number="", published_on=date(2013, 11, 4), package="ar_cm_001/v01", years_min=20, years_max=60,
        summary="在无林地上以增加碳汇为主要目的造林，按固定样地复测计量碳汇量。",
    ),
    Entered(
        code="CCER-14-001", version="V01", name="温室气体自愿减排项目方法学　造林碳汇",
        name_en="Afforestation carbon sink", scheme="CCER", sector="FOREST", category="PROJECT", issuer="生态环境部",
        source="关于印发《温室气体自愿减排项目方法学 造林碳汇》等 4 项方法学的通知", number="环办气候函〔2023〕343号",
        published_on=date(2023, 10, 24), package="ccer_14_001/v01", years_min=20, years_max=40,
        summary="乔木、竹子和灌木造林，包括防护林、特种用途林、用材林等造林；不包括经济林造林、非林地上的通道绿化。",
    ),
    Entered(
        code="CCER-14-002", version="V01", name="温室气体自愿减排项目方法学　红树林营造", name_en="Mangrove creation",
        scheme="CCER", sector="WETLAND", category="PROJECT", issuer="生态环境部",
        source="关于印发《温室气体自愿减排项目方法学 造林碳汇》等 4 项方法学的通知", number="环办气候函〔2023〕343号",
        published_on=date(2023, 10, 24), package="ccer_14_002/v01", years_min=20, years_max=40,
        summary="在无植被潮滩和退养的养殖塘等适宜红树林生长的区域人工种植红树林。",
    ),
    Entered(
        code="DEMO-09-001", version="V01", name="生态系统存量碳汇核算方法（净生态系统生产力法）",
        name_en="Accounting of stock sinks by net ecosystem production", scheme="STAT", sector="FOREST",
        category="STAT", issuer="演示市生态环境局",
        source="参照《上虞区生态系统存量碳汇核算及使用管理办法》，用于统计，不得签发", number="演环碳〔2025〕31号",
        published_on=date(2025, 12, 1), package="nep_stock_sink/v01",
        summary="按净生态系统生产力逐年核算森林、湿地、农田等的存量碳汇，用于台账和考核，不产生可交易的减排量。",
    ),
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Text:
    """What a proposal says; ``chapters`` in the order of the form."""

    name: str
    name_en: str
    scheme: str
    sector: str
    category: str
    summary: str
    authors: str
    chapters: tuple[str, ...]
    package: str = ""
    changes: str = ""
    reasons: str = ""
    years: tuple[str, str] = ("", "")
    extra: dict[str, str] = field(default_factory=dict)

    def values(self) -> dict[str, str]:
        names = (
            "applicability", "references", "boundary", "pools", "baseline", "additionality", "quantification",
            "data_sources", "monitoring", "verification", "crediting",
        )  # fmt: skip
        return {
            "name": self.name, "name_en": self.name_en, "scheme": self.scheme, "sector": self.sector,
            "category": self.category, "summary": self.summary, "authors": self.authors, "package": self.package,
            "changes": self.changes, "reasons": self.reasons, "kind": "REVISION" if self.changes else "NEW",
            "crediting_min": self.years[0], "crediting_max": self.years[1],
        } | dict(zip(names, self.chapters, strict=False)) | self.extra  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Said:
    """A public comment, and what became of it. ``person``: sign-in name and name of who was signed in."""

    name: str
    text: str
    clause: str = ""
    organisation: str = ""
    contact: str = ""
    person: tuple[str, str] | None = None
    answer: str = ""
    adopted: bool = False
    hidden: str = ""


@dataclass(frozen=True, kw_only=True)
class Ballot:
    expert: str
    choice: str = ""
    reason: str = ""
    scores: tuple[int, ...] = ()
    conflict: str = ""


METRO = Text(
    name="公共交通低碳出行碳普惠方法学", name_en="Low-carbon travel by public transport", scheme="LOCAL",
    sector="TRANSPORT", category="PERSONAL", authors="卫远航、成思齐", package="metro/v01",
    summary="个人乘坐地铁、公交替代小汽车出行的减排量。以实名乘车记录计算，按里程乘以替代因子，扣除本身排放。",
    chapters=(
        "本市实名乘车的个人；乘车记录由运营企业提供并可核对；同一行程只在一个平台计入。证明材料：数据接口协议、抽样比对报告。",
        "GB/T 2589 综合能耗计算通则；本市居民出行调查报告（2025）。术语：基准出行方式、行程、替代因子。",
        "本市行政区域内的轨道交通与常规公交行程；时间边界为行程发生当日。",
        "计入化石燃料和电力消费的二氧化碳；甲烷、氧化亚氮占比不足 1%，忽略，偏于保守。",
        "以本市居民出行调查得到的平均出行结构为基准情景，每三年更新一次。",
        "个人自愿行为，无财务收益；以乘车记录的唯一编号防止重复，不得再以其他名义申领减排量。",
        "减排量＝里程×（基准因子－公共交通因子）。里程取站间最短线路，单位 km；因子单位 g CO₂e/km。",
        "里程取自清分系统；因子取自本市温室气体清单，每年更新，公开可得。",
        "逐次记录，按日归集；每季度抽样 0.1% 与闸机流水比对，误差不超过 1%。",
        "核查机构每年抽样核对乘车记录、因子版本和去重结果。",
        "自用户授权之日起，减排量按年登记，跨年不追溯。",
    ),
)  # fmt: skip
METRO_COMMENTS = [
    Said(
        name="高女士", clause="七、减排量核算", text="换乘时里程怎么算？如果按两次行程分别取整，会不会多算？",
        contact="13600000001", answer="换乘按一次行程计算，里程连续累计，只在末尾取整。已在 7.2 条写明。", adopted=True,
    ),
    Said(
        name="瞿先生", organisation="演示市出租汽车协会", clause="五、基准线", person=("public-a", "瞿先生"),
        text="基准情景里出租车占比偏高，2025 年调查样本集中在中心城区，建议分区给出。",
        answer="采纳。基准出行结构改为中心城区、近郊、远郊三类分别给出。", adopted=True,
    ),
    Said(name="路人", text="加微信领红包……", hidden="广告内容，与征求意见事项无关。"),
]  # fmt: skip
METRO_VOTES = [
    Ballot(expert="expert-a", choice="APPROVE", scores=(5, 4, 5, 5, 4, 5),
           reason="数据逐次可核，去重规则清楚，普惠性突出。"),
    Ballot(expert="expert-b", choice="APPROVE", scores=(4, 3, 5, 5, 4, 5),
           reason="额外性按行为类方法学的惯例处理可以接受，建议基准出行结构三年一更新落实到位。"),
    Ballot(expert="expert-c", conflict="本人任演示市公共交通集团科技项目的验收专家，应当回避。"),
    Ballot(expert="expert-d", choice="APPROVE", scores=(5, 4, 5, 5, 5, 5),
           reason="因子来源公开，核算式简明，便于推广。"),
    Ballot(expert="expert-e", choice="APPROVE", scores=(4, 4, 4, 5, 4, 4),
           reason="同意备案，抽样比对比例可在运行一年后复核。"),
    Ballot(expert="expert-f", choice="REVISE", scores=(4, 3, 4, 5, 3, 4),
           reason="远郊样本偏少，代表性一般，建议补充调查后再定因子。"),
]  # fmt: skip
METRO_MINUTES = """专家组听取了申报单位的汇报，审阅了方法学文本、编制说明和公众意见答复，经质询讨论，形成意见如下：
一、方法学适用条件明确，核算边界清晰，数据可获得、可核查；
二、公众意见已逐条答复，采纳的已写入文本；
三、建议在运行满一年后补充远郊样本，复核基准出行结构。
一名专家因利益冲突回避，未参加讨论和表决。"""
METRO_REVISED = Text(
    name="公共交通低碳出行碳普惠方法学", name_en="Low-carbon travel by public transport", scheme="LOCAL",
    sector="TRANSPORT", category="PERSONAL", authors="沈怀瑾、齐牧之", package="metro/v01", summary=METRO.summary,
    chapters=METRO.chapters,
    changes="第五章：补充远郊 2,400 份出行样本，基准出行结构改为四类区域；第七章：新能源公交单列因子。",
    reasons="专家论证时建议补充远郊样本；本市新能源公交占比已由 58% 升至 83%，原因子偏低估减排量的波动。",
)  # fmt: skip
REVISION_COMMENTS = [
    Said(name="丁同学", clause="第七章", text="新能源公交的电力因子用的是全国平均还是区域平均？建议写明年份。",
         person=("public-b", "丁同学"), answer="采用区域电网平均排放因子，文本已注明年份和更新频率。", adopted=True),
    Said(name="匿名市民", text="新旧版本切换时，已经攒的积分怎么办？"),
]  # fmt: skip
WOODLAND = Text(
    name="城市片林碳汇计量方法学", name_en="Carbon sink of urban woodland", scheme="LOCAL", sector="FOREST",
    category="PROJECT", authors="江晚舟", package="ar_cm_001/v02", years=("20", "40"),
    summary="面积不足一公顷、够不上造林项目的城市片林，以打捆、统一监测的方式计量碳汇量，让社区绿地也能参与。",
    chapters=(
        "单块面积 0.067 至 1 公顷的城市片林；造林前为无林地；成活率不低于 85%。证明：权属、造林前影像、验收报告。",
        "GB/T 26424 森林资源规划设计调查技术规程；LY/T 2253 造林项目碳汇计量监测指南。",
        "打捆地块的外边界；计入期 20 至 40 年。",
        "计入乔木、灌木的地上和地下生物质；枯落物、枯死木和土壤有机碳忽略，偏于保守。",
        "造林前的无林地状态，基准线碳储量变化按零计。",
        "城市绿化资金不足以覆盖管护成本；地块编号入库，不得重复登记为其他碳汇项目。",
        "按蓄积量扩展因子法计算单位面积碳储量，乘以分层面积；扣除不确定性。",
        "树种参数取自国家清单和公开文献，逐条注明等级；面积取自不动产登记和实测。",
        "每五年复测固定样地；每年遥感核查地块是否存续。",
        "核查机构抽取不少于 10% 的地块复测。",
        "自造林验收之日起，不少于二十年。",
    ),
)  # fmt: skip
WOODLAND_COMMENTS = [
    Said(name="闻老师", organisation="演示市第三中学", clause="四、碳库", person=("public-c", "闻老师"),
         text="我们校园的片林有三百多平方米，低于下限，能否允许几所学校打捆申报？",
         answer="采纳。打捆时单块下限调整为 0.02 公顷，合计不少于 1 公顷。", adopted=True),
    Said(name="城建爱好者", clause="六、额外性",
         text="绿化配套是规划强制要求的，这部分不应该算额外。", contact="wood@example.cn"),
    Said(name="卢工", organisation="演示园林设计院", text="建议给出本市常用绿化树种的参数表，省得各家自己找。",
         person=("public-d", "卢工")),
]  # fmt: skip
RICE = Text(
    name="稻田间歇灌溉甲烷减排方法学", name_en="Methane cut by intermittent irrigation of rice", scheme="YRD",
    sector="AGRI", category="PROJECT", authors="蒋谷雨、邱实", package="cms_017/v01", years=("5", "10"),
    summary="稻田由持续淹灌改为间歇灌溉，减少甲烷排放，扣除氧化亚氮增量。以稳产为前提：减产的田块不计减排量。",
    chapters=(
        "具备独立排灌条件的稻田；改变灌溉方式前连续三年持续淹灌；产量不低于前三年平均的 95%。证明：灌溉和产量记录。",
        "NY/T 相关稻田温室气体监测规程；IPCC 2019 修订版第四卷第五章、第十一章。",
        "项目稻田的田块边界；计入期 5 至 10 年，按稻季核算。",
        "计入甲烷和氧化亚氮；土壤有机碳变化忽略，由监测证明不降低。",
        "项目实施前三年的持续淹灌，按当地缺省排放因子和有机物投入计算。",
        "间歇灌溉增加用工，无相应补贴；田块编号与耕地地力补贴系统核对，防止重复。",
        "减排量＝基准线甲烷－项目甲烷－氧化亚氮增量；按稻季天数和水分管理系数计算。",
        "水分管理系数取自 IPCC，秸秆和有机肥用量由农户台账和抽样确认。",
        "每块田安装水位管，每周记录；遥感辅助核查排水期。",
        "核查机构每季抽查 5% 的田块，核对水位记录和产量。",
        "按稻季登记，不少于五年。",
    ),
)  # fmt: skip
RICE_COMMENTS = [
    Said(name="老徐", organisation="青禾家庭农场", clause="八、监测", text="每块田装水位管成本不低，能不能按条田抽样？",
         person=("public-e", "老徐"), answer="采纳。同一灌溉单元可共用水位管，每单元不少于三处。", adopted=True),
    Said(name="环保志愿者", text="如果为了减排而少施肥导致减产，是不是反而不好？",
         answer="已设稳产条件：产量低于前三年平均的 95% 时当季不计减排量。", adopted=False),
]  # fmt: skip
RICE_VOTES = [
    Ballot(expert="expert-a", choice="APPROVE", scores=(4, 4, 5, 4, 4, 4), reason="同时扣除氧化亚氮增量，符合保守性。"),
    Ballot(expert="expert-b", choice="APPROVE", scores=(4, 4, 4, 4, 4, 3), reason="稳产条件设得好，台账质量是关键。"),
    Ballot(expert="expert-d", conflict="本人与申报单位正在共同承担国家重点研发计划课题。"),
    Ballot(expert="expert-e", choice="REVISE", scores=(4, 3, 4, 4, 3, 3),
           reason="水分管理系数缺本地实测，建议补一季试验数据。"),
    Ballot(expert="expert-f"),
]  # fmt: skip
SOLAR = Text(
    name="分布式光伏碳普惠方法学", name_en="Distributed photovoltaics", scheme="LOCAL", sector="ENERGY",
    category="PROJECT", authors="陶然、宋知微", package="distributed_pv_sh/v01", years=("5", "10"),
    summary="装机不超过 6 兆瓦的屋顶光伏，自发自用与上网电量均按电表计量。绿证与减排量二选一，不得重复主张。",
    chapters=(
        "本市建筑屋顶的分布式光伏；有独立计量电表；未申领绿证或者已声明放弃。证明材料：并网协议、电表检定证书、声明。",
        "GB/T 相关并网计量标准；区域电网排放因子公告。",
        "光伏组件至并网点；计入期 5 至 10 年。",
        "计入替代电网电力的二氧化碳；组件生产排放不计。",
        "无光伏时由区域电网供电，因子取项目基准线因子，不用平均因子。",
        "投资回收期长于行业基准；户号唯一，与绿证系统比对。",
        "减排量＝上网与自用电量×基准线排放因子。",
        "电量取自电网企业计量系统；因子取自主管部门公告。",
        "电表按 15 分钟记录，月度核对。",
        "核查机构核对电量、检定和绿证声明。",
        "自并网之日起，不超过十年。",
    ),
)  # fmt: skip
SOLAR_COMMENTS = [
    Said(name="章师傅", clause="一、适用条件", text="老小区合装的算一户还是多户？", contact="13700000003",
         answer="按并网户号计；合装的由业主委员会统一申报，内部自行分配。", adopted=True),
]  # fmt: skip
SOLAR_VOTES = [
    Ballot(expert="expert-a", choice="APPROVE", scores=(5, 4, 5, 4, 5, 5),
           reason="电表计量可靠，重复主张的防范措施到位。"),
    Ballot(expert="expert-b", choice="APPROVE", scores=(5, 3, 5, 4, 5, 5), reason="额外性论证需随成本下降定期复核。"),
    Ballot(expert="expert-c", choice="APPROVE", scores=(5, 4, 5, 4, 4, 5), reason="同意，建议明确储能联建的计量点。"),
    Ballot(expert="expert-d", choice="APPROVE", scores=(5, 4, 5, 5, 4, 5), reason="文本规范，参数来源清楚。"),
    Ballot(expert="expert-e", choice="APPROVE", scores=(4, 4, 5, 4, 4, 5), reason="同意备案。"),
    Ballot(expert="expert-f", choice="APPROVE", scores=(5, 4, 4, 4, 4, 5), reason="同意，绿证比对应做到按月。"),
]  # fmt: skip
SOLAR_MINUTES = """专家组认为：方法学适用范围明确，计量点与数据来源可靠，防止与绿证重复主张的规则可操作；
建议每两年复核一次额外性论证中的投资参数。六名专家全部同意。"""
STRAW = Text(
    name="秸秆离田利用减排方法学", name_en="Straw taken off the field for use", scheme="YRD", sector="AGRI",
    category="PROJECT", authors="蒋谷雨", years=("5", "7"),
    summary="秸秆由露天焚烧改为离田打捆利用，减少甲烷和氧化亚氮排放。",
    chapters=(
        "有焚烧历史的水稻、小麦田块。", "IPCC 2019 修订版第四卷。", "项目田块及收储点。", "计入甲烷、氧化亚氮。",
        "露天焚烧。", "收储运成本高于收益。", "按焚烧排放因子与离田量计算。", "离田量取自收储台账。", "按批次过磅。",
        "核对过磅单与卫星火点。", "不少于五年。",
    ),
)  # fmt: skip
STRAW_REMARKS = {
    "baseline": "焚烧比例应给出近三年卫星火点依据，不能默认全部焚烧。",
    "monitoring": "请写明过磅设备的检定要求和抽样频率。",
    "crediting": "计入期 5 至 7 年的理由请补充。",
}
WETLAND = Text(
    name="滨海盐沼修复碳汇方法学", name_en="Restoration of salt marsh", scheme="LOCAL", sector="WETLAND",
    category="PROJECT", authors="沈怀瑾、齐牧之、韦一舟", package="vm0033/v2_1", years=("20", "40"),
    summary="清除互花米草、恢复本地盐沼植被与潮汐交换，计量土壤和植被碳增量，扣除甲烷排放，预留缓冲量应对风暴潮逆转。",
    chapters=(
        "沿海潮间带已退化盐沼；修复前两年内无自然恢复。证明材料：海域使用权、历史影像、盐度监测。",
        "VM0033 v2.1；HY/T 滨海湿地监测规程。", "修复区外边界；计入期 20 至 40 年。",
        "计入土壤有机碳、地上和地下生物质；扣除甲烷。", "维持退化状态。", "修复无经营收益；与海洋碳汇其他机制比对。",
        "土壤碳按等质量法计算增量，按盐度分层估算甲烷。", "土壤样品由有资质实验室测定。", "每五年采样，逐年遥感。",
        "核查机构复测不少于三个断面。", "不少于二十年。",
    ),
)  # fmt: skip
SECOND_HAND = Text(
    name="旧物流转碳普惠方法学", name_en="Second-hand goods", scheme="LOCAL", sector="LIFE", category="PERSONAL",
    authors="江晚舟", package="recycling/v01", summary="书籍、衣物、小家电经平台流转再用，避免新品生产排放。",
    chapters=("经实名平台成交且完成交付的旧物。", "", "", "", "", "", "", "", "", "", ""),
)  # fmt: skip
