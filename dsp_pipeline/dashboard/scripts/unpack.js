// Inflates what the page carries compressed. Used by charts.js and rows.js as window.dspUnpack.
(() => {
  "use strict";
  /**
   * @param {string} id of a script element with base64 of zlib-deflated UTF-8
   * @returns {Promise<string>}
   */
  window.dspUnpack = async (id) => {
    const binary = atob(document.getElementById(id).textContent);
    const bytes = new Uint8Array(binary.length);
    for (let place = 0; place < binary.length; place += 1) bytes[place] = binary.charCodeAt(place);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(stream).text();
  };
})();
