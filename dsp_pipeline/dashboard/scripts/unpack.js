// Inflates what the page carries compressed, as window.dspUnpack.
(() => {
  "use strict";
  /**
   * @param {string} id of a script element with base64 of zlib-deflated bytes
   * @param {"text" | "bytes"} [as] what they are: UTF-8, or numbers
   * @returns {Promise<string | ArrayBuffer>}
   */
  window.dspUnpack = async (id, as = "text") => {
    const binary = atob(document.getElementById(id).textContent);
    const bytes = new Uint8Array(binary.length);
    for (let place = 0; place < binary.length; place += 1) bytes[place] = binary.charCodeAt(place);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    const inflated = new Response(stream);
    return as === "bytes" ? inflated.arrayBuffer() : inflated.text();
  };
})();
