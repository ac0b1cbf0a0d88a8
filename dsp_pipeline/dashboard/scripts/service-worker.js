// Keeps the page beside it for when there is no network; where there is one, the newest page is asked for first.
"use strict";
const { scope } = self.registration;
const KEPT = `dsp ${scope}`;
const PAGE = "index.html";
const FILES = [PAGE, "manifest.webmanifest", "icon.svg", "icon-192.png", "icon-512.png"];

/** One address for one file: without a query, and for the folder that of its page. */
const addressOf = (url) => {
  const asked = new URL(url, scope);
  const bare = `${asked.origin}${asked.pathname}`;
  return bare === scope ? `${scope}${PAGE}` : bare;
};
const ADDRESSES = new Set(FILES.map(addressOf));

/** Past what the browser holds by itself, which may be older than what is published. */
const fresh = { cache: "no-cache" };

self.addEventListener("install", (event) => {
  const requests = [...ADDRESSES].map((address) => new Request(address, fresh));
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(requests)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const newest = async (request) => {
  const cache = await caches.open(KEPT);
  const address = addressOf(request.url);
  try {
    const answer = await fetch(request, fresh);
    if (answer.ok) await cache.put(address, answer.clone());
    return answer;
  } catch (error) {
    const kept = await cache.match(address);
    if (kept) return kept;
    throw error;
  }
};

self.addEventListener("fetch", (event) => {
  if (event.request.method === "GET" && ADDRESSES.has(addressOf(event.request.url))) event.respondWith(newest(event.request));
});
