/* The atlas: another layer or another year on the map without leaving the page; figures, places and papers follow the
   year. Without this script all of it is links. */
(function () {
  "use strict";
  var section = document.querySelector("[data-slides]");
  if (!section) return;
  var told = JSON.parse(document.getElementById(section.dataset.slides).textContent);
  var figure = section.querySelector("[data-widget=map]"), slider = section.querySelector(".slider");
  var caption = figure.querySelector("figcaption"), text = caption.textContent;
  var now = { year: String(told.year), layer: told.layer }, first = now.year, shown = first, waiting = 0;
  var years = Object.keys(told.tiles).sort().filter(function (year) { return Object.keys(told.tiles[year]).length; });
  var still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  function show() {
    var link = section.querySelector("[data-layer=" + now.layer + "]");
    figure.dataset.over = told.tiles[now.year][now.layer] || "";
    section.querySelectorAll("[data-layer]").forEach(function (one) {
      if (one === link) one.setAttribute("aria-current", "true"); else one.removeAttribute("aria-current");
    });
    section.querySelectorAll("[data-legend]").forEach(function (one) { one.hidden = one.dataset.legend !== now.layer; });
    caption.textContent = text.replace(text.split(/[,，]/)[0], link.textContent).replace(first, now.year);
    if (!slider) return;
    slider.querySelector("input").value = years.indexOf(now.year);
    slider.querySelector("output").textContent = now.year;
  }

  /* The page of a year as the server gives it; asked for once. */
  var parts = ["of-year", "years", "figures", "no-figure", "places", "trust"], pages = {};

  function address(year) {
    var asked = new URLSearchParams(location.search);
    asked.delete("edition");
    asked.set("layer", now.layer);
    return told.address.replace(/[0-9]{4}$/, year) + "?" + asked;
  }

  function page(year) {
    var url = address(year);
    if (!pages[url]) pages[url] = fetch(url).then(function (answer) {
      if (!answer.ok) throw new Error(answer.status);
      return answer.text();
    }).then(function (text) { return new DOMParser().parseFromString(text, "text/html"); });
    return pages[url].catch(function (problem) { delete pages[url]; throw problem; });
  }

  function follow() {
    var year = now.year, open = slider.querySelector("[data-part=open]");
    if (year === shown) return;
    page(year).then(function (found) {
      if (year !== now.year) return;
      parts.forEach(function (id) {
        var here = document.getElementById(id), there = found.getElementById(id);
        if (here && there) here.replaceWith(document.importNode(there, true));
      });
      var rows = document.querySelector("#types tbody"), others = found.querySelector("#types tbody");
      if (rows && others) rows.replaceChildren.apply(rows, document.importNode(others, true).children);
      figure.dataset.source = found.querySelector("#map [data-widget=map]").dataset.source || figure.dataset.source;
      document.title = found.title;
      history.replaceState(null, "", address(year));
      shown = year;
      open.hidden = true;
      document.dispatchEvent(new Event("htmx:after:swap"));
    }).catch(function () {
      open.hidden = false;
      open.href = address(year);
      open.textContent = open.dataset.text + " (" + year + ")";
    });
  }

  section.querySelectorAll("[data-layer]").forEach(function (link) {
    link.addEventListener("click", function (event) {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      now.layer = link.dataset.layer;
      history.replaceState(null, "", link.getAttribute("href").replace(/#.*/, ""));
      show();
    });
  });

  figure.addEventListener("chosen", function (event) {
    var row = event.detail && event.detail.row && document.getElementById(event.detail.row);
    document.querySelectorAll(".places .found").forEach(function (one) { one.classList.remove("found"); });
    if (row) row.classList.add("found");
  });

  if (!slider || years.length < 2) return;
  var range = slider.querySelector("input"), play = slider.querySelector("[data-do=play]"), ticking = 0, word = play.textContent;

  function go(place) {
    now.year = years[Math.max(0, Math.min(years.length - 1, place))];
    show();
    clearTimeout(waiting);
    waiting = setTimeout(follow, 250);
  }

  function stop() {
    clearInterval(ticking);
    ticking = 0;
    play.textContent = word;
  }

  range.max = years.length - 1;
  range.addEventListener("input", function () { stop(); go(Number(range.value)); });
  slider.querySelector("[data-do=earlier]").addEventListener("click", function () { stop(); go(years.indexOf(now.year) - 1); });
  slider.querySelector("[data-do=later]").addEventListener("click", function () { stop(); go(years.indexOf(now.year) + 1); });
  play.hidden = still;
  play.addEventListener("click", function () {
    if (ticking) return stop();
    play.textContent = play.dataset.stop;
    ticking = setInterval(function () { go((years.indexOf(now.year) + 1) % years.length); }, 1600);
  });
  slider.hidden = false;
  show();
})();
