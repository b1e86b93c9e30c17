/* Draws GeoJSON over a graticule and, where the operator configured one, an approved base map. No WebGL is needed. */
(function () {
  "use strict";
  var root = document.documentElement, ol = window.ol, still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  var TONES = { good: "--leaf", wait: "--amber", final: "--slate", stop: "--seal", quiet: "--quiet" };

  function colour(name) { return getComputedStyle(root).getPropertyValue(name).trim(); }

  function see_through(hex, share) {
    var wide = hex.length === 4 ? hex.replace(/[0-9a-f]/gi, "$&$&") : hex;
    return wide + Math.round(share * 255).toString(16).padStart(2, "0");
  }

  function font(share) { return parseFloat(getComputedStyle(root).fontSize) * share + "px " + getComputedStyle(document.body).fontFamily; }

  function look(chosen) {
    return function (feature) {
      var outline = feature.get("tone") === "outline", picked = chosen.feature === feature;
      var line = colour(outline ? "--ink" : TONES[feature.get("tone")] || "--leaf");
      var stroke = new ol.style.Stroke({ color: line, width: picked ? 4 : outline ? 1 : 2, lineDash: feature.get("tone") === "wait" ? [7, 5] : undefined });
      return new ol.style.Style({
        stroke: stroke, fill: new ol.style.Fill({ color: see_through(line, outline ? (picked ? 0.2 : 0.01) : picked ? 0.4 : 0.2) }), zIndex: picked ? 1 : 0,
        image: new ol.style.Circle({ radius: picked ? 9 : 7, stroke: new ol.style.Stroke({ color: colour("--sheet"), width: 2 }), fill: new ol.style.Fill({ color: line }) }),
        text: new ol.style.Text({
          text: feature.get("title") || "", overflow: true, font: font(0.85), offsetY: feature.getGeometry().getType() === "Point" ? -18 : 0,
          fill: new ol.style.Fill({ color: colour("--ink") }), stroke: new ol.style.Stroke({ color: colour("--sheet"), width: 4 })
        })
      });
    };
  }

  function graticule() {
    var label = { font: font(0.72), fill: new ol.style.Fill({ color: colour("--quiet") }), stroke: new ol.style.Stroke({ color: colour("--sheet"), width: 3 }) };
    return new ol.layer.Graticule({
      strokeStyle: new ol.style.Stroke({ color: see_through(colour("--quiet"), 0.45), width: 1, lineDash: [2, 4] }), showLabels: true,
      lonLabelStyle: new ol.style.Text(Object.assign({ textBaseline: "bottom" }, label)), lonLabelPosition: 0.02,
      latLabelStyle: new ol.style.Text(Object.assign({ textAlign: "end" }, label)), latLabelPosition: 0.99, wrapX: false, targetSize: 130
    });
  }

  function tell(line, feature) {
    line.textContent = "";
    if (!feature) return;
    var title = document.createElement("strong"), url = feature.get("url");
    title.textContent = feature.get("title") || "";
    line.append(title, " ", feature.get("text") || "", " ");
    if (url && /^\/(?!\/)/.test(url)) {
      var link = document.createElement("a");
      link.href = url;
      link.textContent = title.textContent;
      title.replaceWith(link);
    }
  }

  function over(figure) {
    function source() { return new ol.source.XYZ({ url: figure.dataset.over, maxZoom: 18, transition: still ? 0 : 250 }); }
    var layer = new ol.layer.Tile({ opacity: 0.85, source: source() });
    new MutationObserver(function () { layer.setSource(figure.dataset.over ? source() : null); }).observe(figure, { attributeFilter: ["data-over"] });
    return layer;
  }

  function draw(figure) {
    var canvas = figure.querySelector(".canvas"), line = figure.querySelector(".chosen"), chosen = { feature: null };
    var source = new ol.source.Vector(), places = new ol.layer.Vector({ source: source, style: look(chosen), declutter: true });
    canvas.hidden = false;
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "group");
    canvas.setAttribute("aria-label", figure.querySelector("figcaption").textContent);
    figure.querySelector("details").open = false;
    figure.querySelector(".hint").hidden = false;

    var base = figure.dataset.tiles.split(" ").filter(Boolean).map(function (url) {
      return new ol.layer.Tile({ source: new ol.source.XYZ({ url: url, maxZoom: 18 }) });
    });
    if (figure.dataset.over) base.push(over(figure));
    var view = new ol.View({ center: ol.proj.fromLonLat([104, 36]), zoom: 4, maxZoom: 18, minZoom: 2 });
    var lines = graticule();
    var map = new ol.Map({
      target: canvas, view: view, layers: base.concat([lines, places]),
      controls: ol.control.defaults.defaults({
        attribution: false, rotate: false, zoomOptions: { zoomInTipLabel: figure.dataset.in, zoomOutTipLabel: figure.dataset.out }
      }).extend([new ol.control.ScaleLine()]),
      interactions: ol.interaction.defaults.defaults({ onFocusOnly: true, altShiftDragRotate: false, pinchRotate: false })
    });

    function renew() {
      delete figure.dataset.drawn;
      fetch(figure.dataset.source).then(function (answer) { return answer.json(); }).then(function (collection) {
        chosen.feature = null;
        tell(line, null);
        source.clear();
        source.addFeatures(new ol.format.GeoJSON().readFeatures(collection, { featureProjection: view.getProjection() }));
        map.once("rendercomplete", function () { figure.dataset.drawn = "yes"; });
        map.render();
      });
    }

    function show(collection) {
      source.addFeatures(new ol.format.GeoJSON().readFeatures(collection, { featureProjection: view.getProjection() }));
      if (source.getFeatures().length) view.fit(source.getExtent(), { padding: [48, 48, 48, 48], maxZoom: 15 });
      map.once("rendercomplete", function () { figure.dataset.drawn = "yes"; });
      map.render();
    }

    if (figure.dataset.data) show(JSON.parse(document.getElementById(figure.dataset.data).textContent));
    else if (figure.dataset.source) fetch(figure.dataset.source).then(function (answer) { return answer.json(); }).then(show);
    else show({ type: "FeatureCollection", features: [] });
    new MutationObserver(renew).observe(figure, { attributeFilter: ["data-source"] });

    map.on("singleclick", function (event) {
      chosen.feature = map.forEachFeatureAtPixel(event.pixel, function (feature, layer) { return layer === places ? feature : null; }, { hitTolerance: 6 }) || null;
      places.changed();
      tell(line, chosen.feature);
      figure.dispatchEvent(new CustomEvent("chosen", { detail: chosen.feature && chosen.feature.getProperties() }));
    });
    new MutationObserver(function () {
      map.removeLayer(lines);
      lines = graticule();
      map.getLayers().insertAt(base.length, lines);
      places.changed();
    }).observe(root, { attributes: true, attributeFilter: ["data-bs-theme", "data-text"] });
  }

  document.querySelectorAll("[data-widget=map]").forEach(draw);
})();
