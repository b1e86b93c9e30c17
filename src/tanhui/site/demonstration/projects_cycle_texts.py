"""What the three projects of the demonstration say of themselves, and a season of rice; all invented."""

COMMON = {
    "legal_duty": "no", "in_ets": "no", "other_mechanism": "无。未在 CCER、VCS、绿证及其他省市机制下登记。",
    "quality": "双人复测 10%，原始记录扫描存档至最后一次签发后十年。", "people": "项目部监测组，组长一名、监测员四名。",
    "permanence": "参加森林火灾保险，设防火隔离带；逆转由缓冲账户先行弥补。",
}  # fmt: skip
CHIFENG = COMMON | {
    "summary": "在松山区退化沙地营造樟子松、山杏混交林，由市属国企联合三个嘎查开发，演示数据。",
    "kind": "造林碳汇",
    "region": "内蒙古自治区赤峰市松山区（演示）",
    "technology": "穴状整地，容器苗造林，围栏封育三年。",
    "construction_start": "2021-04-10", "crediting_first": "2021-05-01", "crediting_last": "2041-04-30",
    "applicability": "造林前连续三年为无林地，土壤扰动面积低于 10%，不涉及有机土。",
    "baseline": "维持退化沙地，碳储量变化为零。", "additionality": "造林成本高于当地木材收益，无碳汇收入不会实施。",
    "yearly_t": "3200",
    "estimate": "按造林碳汇方法学事前估算，樟子松、山杏分层。",
    "leakage": "无薪柴和放牧转移，计为零。",
    "harm": "不使用除草剂，保留两处放牧通道和一处饮水井缓冲区。",
    "parameters": "固定样地 18 个，胸径、树高、成活率，每五年一次；每年一次遥感巡查。",
    "instruments": "测径尺、激光测高仪，每年检定。",
    "rights": "与三个嘎查和演示国有林场签订《生态碳汇联合开发协议》。",
    "sharing": "市与旗县 3:7；旗县部分扣除管护费后按承包面积到嘎查、到户。",
    "consulting": "咨询合同金额 28 万元，已公示。",
}  # fmt: skip
CCER = CHIFENG | {
    "summary": "在喀喇沁旗荒山营造油松、落叶松，按全国温室气体自愿减排机制开发，演示数据。",
    "region": "内蒙古自治区赤峰市喀喇沁旗（演示）", "construction_start": "2019-04-15", "crediting_first": "2019-05-01",
    "crediting_last": "2039-04-30", "yearly_t": "2650", "additionality": "属于免予论证的造林项目。",
}  # fmt: skip
RICE = COMMON | {
    "summary": "在示范区稻田推行间歇灌溉，减少甲烷排放，不减产，演示数据。", "kind": "稻田甲烷减排",
    "region": "长三角生态绿色一体化发展示范区（演示）", "technology": "中期晒田加干湿交替，水位自动记录。",
    "construction_start": "2023-05-20", "crediting_first": "2024-01-01", "crediting_last": "2030-12-31",
    "applicability": "灌排可控，品种和茬口不变，逐田保存水位记录。", "baseline": "全生育期淹水或一次晒田。",
    "additionality": "法规和灌溉调度均未要求，周边仍以淹水为主。",
    "yearly_t": "900",
    "estimate": "按近三年面积和排水次数估算。",
    "leakage": "无种植面积转移。", "harm": "监测氧化亚氮增量并扣除；不影响下游用水。",
    "parameters": "水位每小时一次，排水起止日期，施氮量，实收产量。", "instruments": "水位计、电能表，每年检定。",
    "rights": "与镇农业服务中心和两个合作社签订委托开发协议。", "sharing": "合作社 70%，农户按面积分配；平台服务 30%。",
    "permanence": "甲烷减排不会逆转。",
}  # fmt: skip
RICE_PROJECT = {
    "title_zh": "示范区稻田水分管理（演示）", "region": "310118", "generated": True,
    "parcels": ["310118-演示北一田", "310118-演示北二田", "320509-演示吴江田"],
    "period": {"start": "YEAR-01-01", "end": "YEAR-10-31"}, "crediting": {"start": "2024-01-01", "end": "2030-12-31"},
    "units": {
        "baseline_dry_days": "d", "baseline_days": "d", "baseline_nitrogen": "kgN/ha", "area": "ha", "dry_days": "d",
        "nitrogen": "kgN/ha", "harvest": "kg/ha", "lowest_water": "cm", "baseline_rate": "t/ha", "rate": "t/ha",
        "reference_harvest": "kg/ha", "flux": "mgCH4/(m2*h)",
    },
    "facts": {
        "irrigation_is_controlled": True, "cultivar_and_season_unchanged": True, "water_log_kept": True,
        "fertiliser_record_years": 3, "claimed_elsewhere": False,
    },
}  # fmt: skip
RICE_FARM = {
    "strata": """stratum,baseline_drainages,baseline_dry_days,baseline_days,baseline_nitrogen
qingpu,0,150,120,240
wujiang,1,150,120,240
""",
    "parcels": """parcel,stratum,area,flooded_on,harvested_on,dry_days,nitrogen,harvest
Q01,qingpu,52.4,YEAR-06-10,YEAR-10-07,150,240,8600
Q02,qingpu,48.6,YEAR-06-10,YEAR-10-07,150,240,8450
W01,wujiang,61.0,YEAR-06-10,YEAR-10-07,150,240,8700
""",
    "drainages": """parcel,drained_on,reflooded_on,lowest_water
Q01,YEAR-07-15,YEAR-07-23,-12
Q01,YEAR-08-12,YEAR-08-17,-12
Q02,YEAR-07-16,YEAR-07-22,-12
W01,YEAR-07-12,YEAR-07-20,-12
W01,YEAR-08-10,YEAR-08-16,-12
""",
    "organic": """parcel,amendment,baseline_rate,rate
Q01,straw_short,3,3
W01,straw_long,3,4
""",
    "references": """field,stratum,reference_harvest
QR,qingpu,8500
WR1,wujiang,8800
WR2,wujiang,8700
""",
}
