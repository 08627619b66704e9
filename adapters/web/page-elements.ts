// Which parts of a page a person reads. Hiding can be done in more ways than an attribute tells, in a style sheet above all;
// what is caught here is what a page says about the element itself.

/** Elements that never show text of their own. */
export const NEVER_SHOWN: ReadonlySet<string> = new Set(
  "script style noscript template svg math iframe frame object embed canvas audio video map head select option datalist textarea button input progress meter".split(
    " ",
  ),
);

const SURROUNDING = new Set(["nav", "aside"]);
/** They are the text's own when they stand inside it. */
const SURROUNDING_OUTSIDE = new Set(["header", "footer"]);
const SURROUNDING_ROLES = new Set([
  "navigation",
  "banner",
  "contentinfo",
  "complementary",
  "search",
  "menu",
  "menubar",
]);
const UNSEEN_STYLE =
  /(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0*)?(?![\d.])|font-size\s*:\s*0(?:\.0*)?(?![\d.]))/i;

/** Whether the element says that it is not shown. */
export const isHidden = (name: string, attributes: Readonly<Record<string, string>>): boolean =>
  "hidden" in attributes ||
  attributes["aria-hidden"]?.toLowerCase() === "true" ||
  (name === "dialog" && !("open" in attributes)) ||
  UNSEEN_STYLE.test(attributes.style ?? "");

/** Whether it stands around a page's text rather than being it; `main` says that it stands in the page's main part. */
export const isSurrounding = (name: string, attributes: Readonly<Record<string, string>>, main: boolean): boolean =>
  SURROUNDING.has(name) ||
  (!main && SURROUNDING_OUTSIDE.has(name)) ||
  SURROUNDING_ROLES.has(attributes.role?.toLowerCase() ?? "");
