/* Draws the table inside each chart figure. The table stays, folded, for reading and copying. */
(function () {
  "use strict";
  var root = document.documentElement, still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  function colour(name) { return getComputedStyle(root).getPropertyValue(name).trim(); }

  function number(cell) {
    var text = cell.dataset.value !== undefined ? cell.dataset.value : cell.textContent.replace(/[\s,]/g, "");
    return text === "" || isNaN(Number(text)) ? null : Number(text);
  }

  function end(cell, which) { return cell && cell.dataset[which] !== undefined ? Number(cell.dataset[which]) : null; }

  function read(table) {
    var heads = Array.from(table.tHead.rows[0].cells).slice(1).map(function (cell) { return cell.textContent.trim(); });
    var rows = Array.from(table.tBodies[0].rows);
    return {
      categories: rows.map(function (row) { return row.cells[0].textContent.trim(); }),
      series: heads.map(function (name, place) {
        return {
          name: name,
          values: rows.map(function (row) { return row.cells[place + 1] ? number(row.cells[place + 1]) : null; }),
          low: rows.map(function (row) { return end(row.cells[place + 1], "low"); }),
          high: rows.map(function (row) { return end(row.cells[place + 1], "high"); })
        };
      })
    };
  }

  function shown(value) { return value === null || value === undefined ? "—" : Number(value).toLocaleString("en-US"); }

  /* Lines from the lower to the upper end of each value's interval, and values out of sight that make the axis reach them. */
  function whiskers(data, ink) {
    var one = data.series[0], pairs = [];
    if (data.series.length > 1) return null;
    data.categories.forEach(function (name, place) {
      if (one.low[place] !== null && one.high[place] !== null) pairs.push([{ coord: [place, one.low[place]] }, { coord: [place, one.high[place]] }]);
    });
    return pairs.length ? {
      line: { silent: true, animation: false, symbol: "rect", symbolSize: [11, 2], label: { show: false }, lineStyle: { color: ink, type: "solid", width: 2 }, data: pairs },
      reach: ["low", "high"].map(function (end) {
        return { type: "line", data: one[end], lineStyle: { opacity: 0 }, symbol: "none", silent: true, tooltip: { show: false } };
      })
    } : null;
  }

  function options(figure, data) {
    var kind = figure.dataset.kind, unit = figure.dataset.unit, size = parseFloat(getComputedStyle(root).fontSize);
    var ink = colour("--ink"), quiet = colour("--quiet"), line = colour("--line"), sheet = colour("--sheet");
    var text = { color: quiet, fontFamily: getComputedStyle(document.body).fontFamily, fontSize: size * 0.82 };
    var found = {
      color: [colour("--leaf"), "#c99a3c", colour("--slate"), colour("--seal"), "#7d6aa8", "#4d9aa5"],
      textStyle: text, animation: !still,
      aria: { enabled: true, decal: { show: data.series.length > 1 || kind === "pie" } },
      tooltip: {
        renderMode: "richText", trigger: kind === "pie" ? "item" : "axis", confine: true, backgroundColor: sheet,
        borderColor: line, textStyle: { color: ink, fontSize: size * 0.82 },
        valueFormatter: function (value, place) {
          var one = data.series[0], ends = data.series.length === 1 && one.low[place] !== null && place !== undefined;
          return shown(value) + (unit ? " " + unit : "") + (ends ? " (" + shown(one.low[place]) + " – " + shown(one.high[place]) + ")" : "");
        }
      }
    };
    if (data.series.length > 1 || kind === "pie") found.legend = { bottom: 0, textStyle: text, itemWidth: size * 1.2 };
    if (kind === "pie") {
      found.series = [{
        type: "pie", radius: ["42%", "70%"], center: ["50%", "45%"], label: { show: figure.clientWidth > 480, color: ink, fontSize: size * 0.82 },
        itemStyle: { borderColor: sheet, borderWidth: 2 },
        data: data.categories.map(function (name, place) { return { name: name, value: data.series[0].values[place] }; })
      }];
      return found;
    }
    found.grid = { left: 8, right: 12, top: unit ? 34 : 14, bottom: data.series.length > 1 ? 42 : 8, containLabel: true };
    found.xAxis = {
      type: "category", data: data.categories, axisLabel: { color: quiet, fontSize: size * 0.8, hideOverlap: true },
      axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, boundaryGap: kind === "bar" || kind === "stacked"
    };
    found.yAxis = {
      type: "value", name: unit, nameTextStyle: { color: quiet, align: "left", fontSize: size * 0.8 },
      axisLabel: { color: quiet, fontSize: size * 0.8, formatter: shown }, splitLine: { lineStyle: { color: line } }
    };
    found.series = data.series.map(function (one) {
      var bars = kind === "bar" || kind === "stacked";
      return {
        type: bars ? "bar" : "line", name: one.name, data: one.values, barMaxWidth: 46,
        stack: kind === "stacked" || kind === "area" ? "all" : undefined, areaStyle: kind === "area" ? { opacity: 0.35 } : undefined,
        symbolSize: 7, showSymbol: data.categories.length < 40
      };
    });
    var ends = whiskers(data, ink);
    if (ends) {
      found.series[0].markLine = ends.line;
      found.series = found.series.concat(ends.reach);
    }
    return found;
  }

  function draw(figure) {
    var table = figure.querySelector("table"), canvas = figure.querySelector(".canvas");
    if (!table || !table.tHead || !table.tBodies[0].rows.length) return;
    canvas.hidden = false;
    figure.querySelector("details").open = false;
    var chart = window.echarts.init(canvas, null, { locale: figure.dataset.language.slice(0, 2) === "zh" ? "ZH" : "EN" });
    function show() { chart.setOption(options(figure, read(table)), true); }
    show();
    figure.dataset.drawn = "yes";
    new ResizeObserver(function () { chart.resize(); show(); }).observe(canvas);
    new MutationObserver(show).observe(table.tBodies[0], { childList: true });
    new MutationObserver(show).observe(root, { attributes: true, attributeFilter: ["data-bs-theme", "data-text"] });
  }

  document.querySelectorAll("[data-widget=chart]").forEach(draw);
})();
