// How the console is built. `npm run dev` proxies what is not the console's to a service on its usual port.

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const service = process.env["ONHAND_URL"] ?? "http://127.0.0.1:8080";

// biome-ignore lint/style/noDefaultExport: Vite takes its configuration so.
export default defineConfig({
  plugins: [react()],
  resolve: {
    // Its sources, so that both are built and reloaded as one.
    alias: { "@onhand/client": new URL("../sdk/src/client.ts", import.meta.url).pathname },
  },
  // The service puts the number of each answer in its place (src/http/console.ts).
  html: { cspNonce: "__NONCE__" },
  build: {
    // What is served must be a file of its own: the page's policy allows no data: address of a script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Whose code is in it, and their licences, which ask to come along.
    license: { fileName: "licenses.json" },
  },
  server: { proxy: { "/api": service, "/health": service } },
});
