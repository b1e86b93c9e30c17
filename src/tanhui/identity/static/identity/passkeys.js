// Shows what needs a passkey where the browser knows them, and says in the page's words when one could not be used.
document.addEventListener("DOMContentLoaded", () => {
  const known = window.PublicKeyCredential !== undefined;
  for (const one of document.querySelectorAll("[data-passkey]")) one.hidden = !known;
  for (const one of document.querySelectorAll("[data-no-passkey]")) one.hidden = known;
});
document.addEventListener("allauth.error", (event) => {
  const box = document.querySelector("[data-passkey-failed]");
  if (!box) return;
  event.preventDefault();
  box.hidden = false;
  box.focus();
});
