/* Theme and large-text switches, copy buttons, focus on errors. Reading needs none of this. */
(function () {
  "use strict";
  var root = document.documentElement, system = window.matchMedia("(prefers-color-scheme: dark)");

  function cookie(name) {
    var found = document.cookie.match("(?:^|; )" + name + "=([^;]*)");
    return found ? found[1] : "";
  }

  function keep(name, value) {
    document.cookie = name + "=" + value + "; path=/; SameSite=Lax; max-age=" + (value ? 31536000 : 0) + (location.protocol === "https:" ? "; Secure" : "");
  }

  function showTheme() {
    var theme = cookie("theme") || (system.matches ? "dark" : "light");
    root.setAttribute("data-bs-theme", theme);
    document.querySelectorAll("[data-switch=theme]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(theme === "dark"));
    });
  }

  /* Runs in the head, before anything is painted. */
  root.classList.add("js");
  showTheme();
  system.addEventListener("change", showTheme);

  /* Paper is white. */
  window.addEventListener("beforeprint", function () { root.setAttribute("data-bs-theme", "light"); });
  window.addEventListener("afterprint", showTheme);

  function switchTheme() {
    var wanted = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    keep("theme", wanted === (system.matches ? "dark" : "light") ? "" : wanted);
    showTheme();
  }

  function switchText(button) {
    var large = root.getAttribute("data-text") !== "large";
    keep("text", large ? "large" : "");
    large ? root.setAttribute("data-text", "large") : root.removeAttribute("data-text");
    button.setAttribute("aria-pressed", String(large));
  }

  function copy(button) {
    navigator.clipboard.writeText(button.dataset.copy).then(function () {
      var label = button.textContent;
      button.textContent = button.dataset.copied;
      setTimeout(function () { button.textContent = label; }, 1600);
    });
  }

  /* Menus of the header close when one looks elsewhere. */
  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (!except || !menu.contains(except)) menu.open = false;
    });
  }

  document.addEventListener("keydown", function (event) {
    var menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  document.addEventListener("focusin", function (event) { closeMenus(event.target); });

  document.addEventListener("click", function (event) {
    closeMenus(event.target);
    var button = event.target.closest("[data-switch], [data-copy], [data-print], [data-toggle], [data-close]");
    if (!button) return;
    event.preventDefault();
    if (button.dataset.switch === "theme") switchTheme();
    else if (button.dataset.switch === "text") switchText(button);
    else if (button.dataset.copy) copy(button);
    else if (button.dataset.toggle) button.setAttribute("aria-expanded", String(document.getElementById(button.dataset.toggle).classList.toggle("open")));
    else if ("close" in button.dataset) button.parentNode.remove();
    else window.print();
  });

  /* Only the chosen kind's fields are asked for: <fieldset data-when="purpose=EVENT">. */
  function showWhen() {
    document.querySelectorAll("[data-when]").forEach(function (part) {
      var rule = part.dataset.when.split("="), chosen = document.querySelector("[name='" + rule[0] + "']:checked, select[name='" + rule[0] + "']");
      part.hidden = Boolean(chosen) && rule[1].split(",").indexOf(chosen.value) < 0;
    });
  }

  function showButtons(which) {
    document.querySelectorAll(which).forEach(function (button) { button.hidden = false; });
  }

  /* A part of the page that is new, at the start or renewed in place. */
  function settle(part) {
    showWhen();
    if (navigator.clipboard) showButtons(".copy, [data-print]");
    showButtons("[data-close]");
    var summary = part.querySelector(".error-summary, form .refusal");
    if (summary && !summary.closest(".sample")) summary.focus();
  }

  document.addEventListener("change", showWhen);
  document.addEventListener("htmx:after:swap", function () { settle(document); });
  document.addEventListener("DOMContentLoaded", function () {
    showTheme();
    settle(document);
  });
})();
