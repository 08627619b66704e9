// Signing out: of this browser, or of every machine.
import { LogOut } from "lucide-react";
import { useState } from "react";
import { logoutEverywhere } from "#client/sdk/accounts.ts";
import { api } from "../../app/api.ts";
import { session } from "../../session/this-browser.ts";
import { signOut } from "../../shell/sign-out.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/form-dialog.tsx";
import { Section } from "../../ui/section.tsx";

/** The ways out. */
export const Leave = () => {
  const [asking, setAsking] = useState(false);
  return (
    <Section
      title="Sign out"
      about="Of this browser, in all its tabs; or of every browser and every command line there is."
    >
      <div className="flex flex-wrap gap-2">
        <Button icon={<LogOut className="size-4" />} onClick={signOut}>
          Sign out
        </Button>
        <Button look="danger" onClick={() => setAsking(true)}>
          Sign out everywhere…
        </Button>
      </div>
      {asking ? (
        <Confirm
          title="Sign out everywhere?"
          act="Sign out everywhere"
          onClose={() => setAsking(false)}
          run={async () => {
            await logoutEverywhere(api.http);
            session.left();
          }}
        >
          <p>
            Every browser, command line and connected folder is signed out at once, this one too. API keys and
            capabilities go on; end them under Keys.
          </p>
        </Confirm>
      ) : null}
    </Section>
  );
};
