// Every key there is, by where it works. Fetched when somebody asks for it.
import { Dialog } from "../ui/dialog.tsx";
import { Keys } from "../ui/keys.tsx";
import { PLACES } from "./nav.ts";

type Line = readonly [keys: string, does: string];

const GROUPS: readonly (readonly [where: string, lines: readonly Line[]])[] = [
  [
    "Everywhere",
    [
      ["mod k", "Search or do anything"],
      ["/", "Into the page’s field: the message, or the search"],
      ["esc", "Out of the field, or close what is open"],
      ["?", "This list"],
    ],
  ],
  [
    "In a list",
    [
      ["j", "The next one"],
      ["k", "The one before"],
      ["enter", "Open it"],
    ],
  ],
  [
    "On a question that has the focus",
    [
      ["a", "Approve"],
      ["r", "Reject, with a reason"],
      ["e", "Change what would be done"],
      ["t", "Tell the agent something instead"],
      ["h", "Hold: more time to think"],
    ],
  ],
  [
    "While writing a message",
    [
      ["@", "Choose an agent"],
      ["enter", "Send it"],
      ["shift enter", "A new line"],
    ],
  ],
  ["Go to", PLACES.map(({ key, label }) => [`g ${key}`, label])],
];

/** The list. */
export const KeyHelp = ({ onClose }: { readonly onClose: () => void }) => (
  <Dialog open wide onClose={onClose} title="Keys">
    <div className="gap-8 pb-2 sm:columns-2">
      {GROUPS.map(([where, lines]) => (
        <section key={where} className="mb-5 grid break-inside-avoid grid-cols-1 gap-1">
          <h3 className="text-xs font-medium text-ink-3">{where}</h3>
          <dl className="grid grid-cols-[5.5rem_minmax(0,1fr)] items-center gap-x-3 gap-y-1.5 text-sm">
            {lines.map(([keys, does]) => (
              <div key={keys} className="contents">
                <dt>
                  <Keys keys={keys} spoken />
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  </Dialog>
);
