// Settings: what may be done in this project, keys for programs, and what belongs to this browser.
import { useParams, useSearch } from "@tanstack/react-router";
import { Page } from "../../ui/page.tsx";
import { TabLinks } from "../../ui/tab-links.tsx";
import { ApiKeys } from "./api-keys.tsx";
import { Appearance } from "./appearance.tsx";
import { Capabilities } from "./capabilities.tsx";
import { Hosts } from "./hosts.tsx";
import { KillSwitchSection } from "./kill-switch.tsx";
import { Leave } from "./leave.tsx";
import { Zones } from "./zones.tsx";

const TABS = { rules: "Rules of this project", keys: "Keys", browser: "This browser" } as const;

/** The page. */
export const SettingsPage = () => {
  const { projectId = "" } = useParams({ strict: false });
  const { tab: asked = "rules" } = useSearch({ strict: false });
  const tab = Object.hasOwn(TABS, asked) ? asked : "rules";
  return (
    <Page title="Settings" narrow>
      <TabLinks
        label="Parts of the settings"
        chosen={tab}
        tabs={Object.entries(TABS).map(([value, label]) => ({
          label,
          value,
          link: { to: "/p/$projectId/settings", params: { projectId }, search: { tab: value } },
        }))}
      />
      <div className="grid grid-cols-1 gap-10">
        {tab === "rules" ? (
          <>
            <KillSwitchSection projectId={projectId} />
            <Zones projectId={projectId} />
            <Hosts projectId={projectId} />
          </>
        ) : null}
        {tab === "keys" ? (
          <>
            <ApiKeys />
            <Capabilities projectId={projectId} />
          </>
        ) : null}
        {tab === "browser" ? (
          <>
            <Appearance />
            <Leave />
          </>
        ) : null}
      </div>
    </Page>
  );
};
