// What must be so before anything else of the console runs. A file of its own, because no inline script may run.

// The contracts' checker tries whether it may make code at run time; the page's policy says no, and every try is a breach.
globalThis.__zod_globalConfig = { jitless: true };

// The theme that was chosen, before anything is drawn: nobody is dazzled.
try {
  const chosen = localStorage.getItem("retinue.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // No storage: the system's theme.
}
