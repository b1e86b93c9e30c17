/* Draws the table of days inside each K-line figure: red rises, green falls. */
(function () {
  "use strict";
  var root = document.documentElement, RED = "#cf2e22", GREEN = "#13804f", LEVEL = "#6b7670";

  function colour(name) { return getComputedStyle(root).getPropertyValue(name).trim(); }

  function number(cell) { return cell ? Number((cell.dataset.value || cell.textContent).replace(/[\s,]/g, "")) : 0; }

  function read(table) {
    return Array.from(table.tBodies[0].rows).map(function (row) {
      var cells = row.cells;
      return {
        timestamp: Date.parse(cells[0].textContent.trim() + "T00:00:00+08:00"), open: number(cells[1]), high: number(cells[2]),
        low: number(cells[3]), close: number(cells[4]), volume: number(cells[5])
      };
    }).filter(function (bar) { return !isNaN(bar.timestamp + bar.open + bar.high + bar.low + bar.close); })
      .sort(function (one, other) { return one.timestamp - other.timestamp; });
  }

  function styles(narrow) {
    var quiet = colour("--quiet"), line = colour("--line"), ink = colour("--ink"), sheet = colour("--sheet");
    var family = getComputedStyle(document.body).fontFamily, size = parseFloat(getComputedStyle(root).fontSize) * 0.75;
    var axis = { axisLine: { color: line }, tickLine: { color: line }, tickText: { color: quiet, size: size, family: family } };
    var mark = { color: sheet, backgroundColor: ink, borderColor: ink, size: size, family: family };
    return {
      grid: { horizontal: { color: line }, vertical: { show: false } },
      candle: {
        type: "candle_up_stroke",
        bar: {
          upColor: RED, downColor: GREEN, noChangeColor: LEVEL, upBorderColor: RED, downBorderColor: GREEN,
          noChangeBorderColor: LEVEL, upWickColor: RED, downWickColor: GREEN, noChangeWickColor: LEVEL
        },
        priceMark: {
          high: { color: quiet, textSize: size, textFamily: family }, low: { color: quiet, textSize: size, textFamily: family },
          last: { upColor: RED, downColor: GREEN, noChangeColor: LEVEL, text: { size: size, family: family } }
        },
        tooltip: { showRule: narrow ? "follow_cross" : "always", title: { show: false }, legend: { color: ink, size: size, family: family } }
      },
      indicator: {
        bars: [{ style: "fill", upColor: RED, downColor: GREEN, noChangeColor: LEVEL }],
        tooltip: { title: { color: quiet, size: size, family: family }, legend: { color: quiet, size: size, family: family } },
        lastValueMark: { show: false }
      },
      xAxis: axis, yAxis: axis, separator: { color: line },
      crosshair: {
        horizontal: { line: { color: quiet }, text: mark }, vertical: { line: { color: quiet }, text: mark }
      }
    };
  }

  function draw(figure) {
    var table = figure.querySelector("table"), canvas = figure.querySelector(".canvas"), bars = table ? read(table) : [];
    if (!bars.length) return;
    canvas.hidden = false;
    figure.querySelector("details").open = false;
    var chart = window.klinecharts.init(canvas, {
      locale: figure.dataset.language.slice(0, 2) === "zh" ? "zh-CN" : "en-US", timezone: "Asia/Shanghai", styles: styles(canvas.clientWidth < 500)
    });
    chart.setSymbol({ ticker: "-", pricePrecision: Number(figure.dataset.decimals), volumePrecision: 0 });
    chart.setPeriod({ type: "day", span: 1 });
    chart.setDataLoader({ getBars: function (asked) { asked.callback(asked.type === "init" ? bars : [], false); } });
    if (bars.some(function (bar) { return bar.volume; })) chart.createIndicator({ name: "VOL", calcParams: [] });
    /* The library asks for the first place in the tab order; it gets the one where it stands. */
    canvas.querySelectorAll("[tabindex]").forEach(function (part) { part.tabIndex = 0; });
    canvas.setAttribute("role", "group");
    canvas.setAttribute("aria-label", figure.querySelector("figcaption").textContent);
    function fit() {
      chart.resize();
      chart.setOffsetRightDistance(12);
      chart.setBarSpace(Math.max(3, Math.min(26, (canvas.clientWidth - 90) / bars.length)));
    }
    fit();
    figure.dataset.drawn = "yes";
    new ResizeObserver(fit).observe(canvas);
    new MutationObserver(function () { chart.setStyles(styles(canvas.clientWidth < 500)); })
      .observe(root, { attributes: true, attributeFilter: ["data-bs-theme", "data-text"] });
  }

  document.querySelectorAll("[data-widget=kline]").forEach(draw);
})();
