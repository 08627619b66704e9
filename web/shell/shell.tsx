// The frame around every page of somebody who is signed in: sidebar or drawer, palette, keys, and the project's live stream.
import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { partOf } from "../app/pieces.ts";
import { FeedProvider } from "../live/feed-context.tsx";
import { Modal } from "../ui/dialog.tsx";
import { PortalHome } from "../ui/portal-home.ts";
import { CommandPalette } from "./command-palette.tsx";
import { useCommands } from "./commands.tsx";
import { useCurrentProject } from "./current-project.ts";
import { OpenDrawer } from "./drawer.ts";
import { PLACES } from "./nav.ts";
import { NewProject } from "./new-project.tsx";
import { isTyping, type Pending, pressKey } from "./shortcuts.ts";
import { Sidebar } from "./sidebar.tsx";

const KeyHelp = lazy(async () => ({ default: (await partOf(() => import("./key-help.tsx"))).KeyHelp }));

type Open = "palette" | "drawer" | "new-project" | "help" | null;

/** The frame. */
export const Shell = () => {
  const { current, all } = useCurrentProject();
  const [open, setOpen] = useState<Open>(null);
  const [home, setHome] = useState<HTMLElement | null>(null);
  const close = () => setOpen(null);
  const commands = useCommands(current, all, setOpen);
  useKeys(current?.id, setOpen);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever went somewhere is done with the drawer
  useEffect(() => setOpen((now) => (now === "drawer" ? null : now)), [path]);
  const sidebar = (
    <Sidebar
      current={current}
      all={all}
      onNewProject={() => setOpen("new-project")}
      onPalette={() => setOpen("palette")}
    />
  );
  const frame = (
    <PortalHome value={home}>
      <div className="flex h-full">
        <a
          href="#main"
          className="sr-only rounded-md bg-raised px-3 py-2 shadow-float focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50"
        >
          Skip to the page
        </a>
        <aside className="w-60 shrink-0 border-r border-line max-md:hidden">{sidebar}</aside>
        <Modal open={open === "drawer"} onClose={close} label="Menu" className="m-0 h-dvh max-h-none">
          <div className="h-full w-72 max-w-[85vw] animate-[slide-in_160ms_ease-out] border-r border-line">
            {sidebar}
          </div>
        </Modal>
        <OpenDrawer value={() => setOpen("drawer")}>
          <main id="main" tabIndex={-1} className="flex min-w-0 flex-1 flex-col outline-none">
            <Outlet />
            <div ref={setHome} />
          </main>
        </OpenDrawer>
        <CommandPalette open={open === "palette"} commands={commands} onClose={close} />
        {open === "new-project" ? <NewProject onClose={close} /> : null}
        {open === "help" ? (
          <Suspense>
            <KeyHelp onClose={close} />
          </Suspense>
        ) : null}
      </div>
    </PortalHome>
  );
  return current === undefined ? (
    frame
  ) : (
    <FeedProvider key={current.id} projectId={current.id}>
      {frame}
    </FeedProvider>
  );
};

const useKeys = (projectId: string | undefined, open: (what: "palette" | "help") => void): void => {
  const navigate = useNavigate();
  const pending = useRef<Pending>(null);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.altKey) return;
      const step = pressKey(pending.current, {
        key: event.key,
        mod: event.metaKey || event.ctrlKey,
        typing: isTyping(event.target),
        at: event.timeStamp,
      });
      pending.current = step.pending;
      if (step.does === undefined) return;
      if (step.does.kind !== "go") event.preventDefault();
      // A dialog that is open has the keys for itself.
      if (document.querySelector("dialog[open]") !== null) return;
      if (step.does.kind !== "go") {
        if (step.does.kind === "field") document.querySelector<HTMLElement>("#main [data-page-field]")?.focus();
        else open(step.does.kind);
        return;
      }
      const { key } = step.does;
      const place = PLACES.find((one) => one.key === key);
      if (place !== undefined) navigate({ to: place.to, params: { projectId: projectId ?? "" } });
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  });
};
