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
  showTheme();
  system.addEventListener("change", showTheme);

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

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-switch], [data-copy], [data-print]");
    if (!button) return;
    event.preventDefault();
    if (button.dataset.switch === "theme") switchTheme();
    else if (button.dataset.switch === "text") switchText(button);
    else if (button.dataset.copy) copy(button);
    else window.print();
  });

  /* Only the chosen kind's fields are asked for: <fieldset data-when="purpose=EVENT">. */
  function showWhen() {
    document.querySelectorAll("[data-when]").forEach(function (part) {
      var rule = part.dataset.when.split("="), chosen = document.querySelector("[name='" + rule[0] + "']:checked, select[name='" + rule[0] + "']");
      part.hidden = Boolean(chosen) && rule[1].split(",").indexOf(chosen.value) < 0;
    });
  }

  document.addEventListener("change", showWhen);
  document.addEventListener("DOMContentLoaded", function () {
    showTheme();
    showWhen();
    if (navigator.clipboard) document.querySelectorAll(".copy, [data-print]").forEach(function (button) { button.hidden = false; });
    var summary = document.querySelector(".error-summary");
    if (summary) summary.focus();
  });
})();
