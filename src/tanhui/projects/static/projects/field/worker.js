/* Keeps the survey page and the files it is made of, so that it opens on a plot without a network. Nothing else is kept,
   and nothing that was entered: that stays in the page's own store. */
"use strict";
const CACHE = "tanhui-field-1";
const PAGE = /^\/field\/plots\/[0-9a-f-]{36}$/;

function ours(address) {
  const url = new URL(address, self.location.href);
  return url.origin === self.location.origin && (PAGE.test(url.pathname) || url.pathname.startsWith("/static/"));
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  const files = (event.data.files || []).filter(ours);
  event.waitUntil(caches.open(CACHE).then((cache) => Promise.all(files.map((one) => fetch(one, { credentials: "same-origin" })
    .then((answer) => (answer.ok && !answer.redirected ? cache.put(one, answer) : undefined))
  ))).then(() => event.source.postMessage({ kept: true })).catch(() => event.source.postMessage({ kept: false })));
});

self.addEventListener("fetch", (event) => {
  const request = event.request, path = new URL(request.url).pathname;
  if (request.method !== "GET" || !ours(request.url)) return;
  if (PAGE.test(path)) {
    event.respondWith(fetch(request).then((answer) => {
      /* a page of before: the next look without a network shows what was seen last */
      if (answer.ok && !answer.redirected) { const copy = answer.clone(); caches.open(CACHE).then((cache) => cache.put(path, copy)); }
      return answer;
    }).catch(() => caches.match(path, { ignoreVary: true }).then((kept) => kept || Response.error())));
    return;
  }
  event.respondWith(caches.match(request, { ignoreVary: true }).then((kept) => kept || fetch(request)));
});
