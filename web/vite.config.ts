// How the console is built: one page, its pieces under /console by their hashes, nothing inlined (the page's policy allows no
// inline script, style or font). `npm run dev:web` serves the sources, and asks a server that already runs for everything else.
import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env.RETINUE_URL ?? "http://127.0.0.1:8787";
const doors = Object.fromEntries(
  ["/my", "/v1", "/api", "/console-"].map((prefix) => [prefix, { target: server, ws: true }]),
);

export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  plugins: [react(), tailwind()],
  // See there: what it stands in for could not do its work here.
  resolve: { alias: { "react-remove-scroll": `${import.meta.dirname}/ui/no-scroll-lock.tsx` } },
  server: { proxy: doors },
  build: {
    target: "es2023",
    assetsDir: "console",
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    emptyOutDir: true,
  },
});
