// Lets browsers install a published page as an app that opens offline. Only where it is served: a file needs none of it.
(() => {
  "use strict";
  if (!["https:", "http:"].includes(window.location.protocol)) return;
  const link = document.createElement("link");
  link.rel = "manifest";
  link.href = "manifest.webmanifest";
  document.head.append(link);
  // Over plain http there is no service worker, but on the reader's own machine.
  navigator.serviceWorker?.register("service-worker.js").catch((error) => console.info(`Not kept for offline use: ${error.message}`));
})();
