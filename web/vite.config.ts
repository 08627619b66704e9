// How the console is built: one page, its pieces under /console by their hashes, nothing inlined (the page's policy allows no
// inline script, style or font). `npm run dev:web` serves the sources, and asks a server that already runs for everything else.
import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env.RETINUE_URL ?? "http://127.0.0.1:8787";
const doors = Object.fromEntries(
  ["/my", "/v1", "/api", "/console-"].map((prefix) => [prefix, { target: server, ws: true }]),
);

// Everybody who is let in needs the frame, and most open a chat: one piece for what they need, and not fifty of a kilobyte that
// wait for one another. What the door needs stays out of it; what only other pages need goes with those.
const INITIAL = ["$initial" as const];
const PIECES = [
  { name: "packages", tags: INITIAL, test: /\/node_modules\//, priority: 4 },
  { name: "start", tags: INITIAL, priority: 3 },
  { name: "door", test: /web\/pages\/sign-in\//, priority: 2 },
  { name: "inside", test: /web\/(shell\/shell|pages\/chat\/chat-page)\.tsx$/, priority: 1 },
];

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
    rolldownOptions: { output: { codeSplitting: { groups: PIECES } } },
  },
});
