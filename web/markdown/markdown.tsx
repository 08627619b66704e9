// Markdown of people and of models. No HTML of theirs, no picture from anywhere, no link but to the web and to mail; each
// control character is a visible mark. Text too large to be parsed at every keystroke of a model is shown as it is.
import { type ComponentProps, useMemo } from "react";
import Parsed, { type Components } from "react-markdown";
import rehypeSanitize, { defaultSchema, type Options } from "rehype-sanitize";
import remarkGfm from "remark-gfm";
import { harmless } from "#client/terminal/harmless.ts";
import { citeMarks } from "./cite-marks.ts";
import { headingLevels } from "./heading-levels.ts";
import { LongText } from "./long-text.tsx";

type Plugins = NonNullable<ComponentProps<typeof Parsed>["rehypePlugins"]>;

const LARGEST = 60_000;
const LONGEST_LINE = 10_000;

const { img: _img, ...attributes } = defaultSchema.attributes ?? {};
const SCHEMA: Options = {
  ...defaultSchema,
  attributes,
  tagNames: (defaultSchema.tagNames ?? []).filter((name) => !["img", "picture", "source"].includes(name)),
  protocols: { href: ["http", "https", "mailto"] },
};

const isOutside = (href: string | undefined): href is string => href !== undefined && /^(https?:|mailto:)/i.test(href);

const COMPONENTS: Components = {
  // A relative address means a file of the user's, which has no address here.
  a: ({ href, children }) =>
    isOutside(href) ? (
      <a href={href} target="_blank" rel="noopener noreferrer nofollow" title={harmless(href)}>
        {children}
      </a>
    ) : (
      <span>{children}</span>
    ),
  table: ({ children }) => (
    <div className="wide">
      <table>{children}</table>
    </div>
  ),
  pre: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
    <pre tabIndex={0}>{children}</pre>
  ),
};

// A picture is named and not fetched.
const namePictures = () => (tree: { children: unknown[] }) => {
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if ("type" in node && node.type === "image" && "url" in node) {
      const alt = "alt" in node && typeof node.alt === "string" && node.alt !== "" ? node.alt : "picture";
      Object.assign(node, {
        type: "link",
        children: [{ type: "text", value: `[picture: ${alt}]` }],
      });
      return;
    }
    if ("children" in node && Array.isArray(node.children)) for (const child of node.children) visit(child);
  };
  visit(tree);
};

const isLarge = (text: string): boolean =>
  text.length > LARGEST || (text.length > LONGEST_LINE && text.split("\n").some((line) => line.length > LONGEST_LINE));

/** The text. `cited` are the numbers its answer may cite; `onCite` is called when one is pressed. */
export const Markdown = ({
  text,
  cited = "",
  onCite,
}: {
  readonly text: string;
  readonly cited?: string;
  readonly onCite?: (n: number) => void;
}) => {
  const rehype = useMemo<Plugins>(() => {
    const numbers = new Set(cited.split(",").filter(Boolean).map(Number));
    return [[rehypeSanitize, SCHEMA], headingLevels, [citeMarks, numbers]];
  }, [cited]);
  const components = useMemo<Components>(
    () => ({
      ...COMPONENTS,
      sup: ({ children, node }) => {
        const n = Number(node?.properties["data-cite"]);
        if (!(n > 0)) return <sup>{children}</sup>;
        return (
          <sup>
            <button
              type="button"
              aria-label={`Source ${n}`}
              onClick={() => onCite?.(n)}
              className="mx-px inline-flex h-4 min-w-4 items-center justify-center rounded bg-accent-soft px-1 font-sans text-2xs font-semibold text-accent"
            >
              {n}
            </button>
          </sup>
        );
      },
    }),
    [onCite],
  );
  if (isLarge(text)) return <LongText text={text} label="Text" cap={12_000} />;
  return (
    <div className="prose">
      <Parsed remarkPlugins={[remarkGfm, namePictures]} rehypePlugins={rehype} components={components}>
        {harmless(text)}
      </Parsed>
    </div>
  );
};
