// Before anything is drawn: the theme that was chosen, so that nobody is dazzled. Kept apart because no inline script may run.
try {
  const chosen = localStorage.getItem("retinue.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // No storage: the system's theme.
}
