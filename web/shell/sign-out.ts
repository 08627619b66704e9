// Signing out: at the server first, and in every tab of this browser. The way to the door is the session's own (main.tsx).
import { api } from "../app/api.ts";
import { session } from "../session/this-browser.ts";
import { toastError } from "../ui/toast.tsx";

/** Signs out. */
export const signOut = (): void => {
  api
    .logout()
    .then(() => session.left())
    .catch(toastError);
};
