// Signing out of this browser, in all its tabs.
import { LogOut } from "lucide-react";
import { signOut } from "../../shell/sign-out.ts";
import { Button } from "../../ui/button.tsx";
import { Section } from "../../ui/section.tsx";

/** The way out. */
export const Leave = () => (
  <Section
    title="Sign out"
    about="Ends this browser’s session at the server and in all its tabs. Keys and other machines keep theirs."
  >
    <div>
      <Button icon={<LogOut className="size-4" />} onClick={signOut}>
        Sign out
      </Button>
    </div>
  </Section>
);
