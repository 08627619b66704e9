// Signing out: at the server first, and in every tab of this browser.
import { useNavigate } from "@tanstack/react-router";
import { api } from "../app/api.ts";
import { session } from "../session/this-browser.ts";
import { toastError } from "../ui/toast.tsx";

/** A function that signs out. */
export const useSignOut = (): (() => void) => {
  const navigate = useNavigate();
  return () => {
    api
      .logout()
      .then(() => session.left())
      .then(() => navigate({ to: "/sign-in" }))
      .catch(toastError);
  };
};
