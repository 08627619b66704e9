// The three things that make an event part of the chain, each recomputed in this browser.
import { CircleAlert, CircleCheck, CircleDashed } from "lucide-react";
import type { Check } from "../../log/chain-proof.ts";

const WORDS = {
  data: { ok: "Its data has the hash it should have", bad: "Its data is not what was hashed" },
  hash: { ok: "Its own hash follows from its envelope", bad: "Its own hash does not follow from its envelope" },
  link: { ok: "It follows the event before it", bad: "It does not follow the event before it" },
} as const;
const UNKNOWN = {
  data: "Its data was taken out; the hash it had stays",
  hash: "Its hash could not be computed",
  link: "The event before it could not be read",
} as const;

const Line = ({ check, first }: { readonly check: Check; readonly first: boolean }) => {
  const { what, ok, stored, computed } = check;
  const words = ok === null ? UNKNOWN[what] : ok ? WORDS[what].ok : WORDS[what].bad;
  return (
    <li className="grid grid-cols-[1rem_minmax(0,1fr)] gap-2" data-proof={what} data-holds={ok ?? "unknown"}>
      {ok === null ? (
        <CircleDashed className="mt-0.5 size-4 text-ink-3" aria-hidden="true" />
      ) : ok ? (
        <CircleCheck className="mt-0.5 size-4 text-ok" aria-hidden="true" />
      ) : (
        <CircleAlert className="mt-0.5 size-4 text-danger" aria-hidden="true" />
      )}
      <div className="min-w-0">
        <p className={ok === false ? "text-sm text-danger" : "text-sm"}>
          {what === "link" && first && ok ? "It is the first of the chain" : words}
        </p>
        <p className="font-mono text-2xs break-all text-ink-3">{stored}</p>
        {ok === false && computed !== null ? (
          <p className="font-mono text-2xs break-all text-danger">computed {computed}</p>
        ) : null}
      </div>
    </li>
  );
};

/** The proof. */
export const ProofView = ({ checks, first }: { readonly checks: readonly Check[]; readonly first: boolean }) => (
  <>
    <ul className="grid grid-cols-1 gap-2">
      {checks.map((check) => (
        <Line key={check.what} check={check} first={first} />
      ))}
    </ul>
    <p className="text-2xs text-pretty text-ink-3">
      Recomputed in this browser: SHA-256 over canonical JSON. “Verify the log” has the server recompute all of it,
      against the anchor it keeps outside.
    </p>
  </>
);
