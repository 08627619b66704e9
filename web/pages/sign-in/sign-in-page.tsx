// Signing in and making an account: one form, two doors.
import { useMutation } from "@tanstack/react-query";
import { Link, useRouter, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { browser } from "#client/sdk/accounts.ts";
import { ApiError } from "#client/sdk/api-error.ts";
import { innerPath } from "../../routes/inner-path.ts";
import { open, session } from "../../session/this-browser.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { ErrorLine } from "../../ui/states.tsx";

const SHORTEST = 10;

const WORDS = {
  login: {
    title: "Sign in",
    button: "Sign in",
    other: "New here?",
    link: "Make an account",
    to: "/register",
    autoComplete: "current-password",
  },
  register: {
    title: "Make an account",
    button: "Make my account",
    other: "Have one already?",
    link: "Sign in",
    to: "/sign-in",
    autoComplete: "new-password",
  },
} as const;

const problemOf = (error: unknown, field: string): string | undefined =>
  error instanceof ApiError ? error.errors.find(({ path }) => path === `json.${field}`)?.message : undefined;

const Entrance = ({ door }: { readonly door: keyof typeof WORDS }) => {
  const words = WORDS[door];
  const { next } = useSearch({ strict: false });
  const router = useRouter();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const tooShort = door === "register" && password !== "" && password.length < SHORTEST;
  const enter = useMutation({
    mutationFn: () => browser.enter(open, door, email.trim(), password),
    onSuccess: (tokens) => {
      session.entered(tokens);
      return router.navigate({ href: innerPath(next) });
    },
  });
  const named = enter.error instanceof ApiError && enter.error.errors.length > 0;
  return (
    <main className="flex min-h-full items-center justify-center bg-surface px-4 py-10">
      <title>{`${words.title} · Retinue`}</title>
      <div className="w-full max-w-[22rem]">
        <div className="mb-6 flex flex-col items-center gap-3 text-center">
          <img src="/console-mark.svg" alt="" className="size-11" />
          <div>
            <h1 className="text-xl font-semibold tracking-tight">{words.title}</h1>
            <p className="mt-1 text-sm text-pretty text-ink-2">
              {door === "login"
                ? "Your agents kept working. See what waits for you."
                : "A project and four agents are ready the moment you have it."}
            </p>
          </div>
        </div>
        <form
          className="grid gap-4 rounded-xl border border-line bg-raised p-5 shadow-float"
          onSubmit={(event) => {
            event.preventDefault();
            enter.mutate();
          }}
        >
          <TextField
            label="E-mail"
            type="email"
            name="email"
            autoComplete="username"
            required
            value={email}
            onText={setEmail}
            problem={problemOf(enter.error, "email")}
          />
          <TextField
            label="Password"
            type="password"
            name="password"
            autoComplete={words.autoComplete}
            required
            value={password}
            onText={setPassword}
            hint={door === "register" ? `At least ${SHORTEST} characters` : undefined}
            problem={tooShort ? `${SHORTEST - password.length} more characters` : problemOf(enter.error, "password")}
          />
          {named ? null : <ErrorLine error={enter.error} />}
          <Button
            look="primary"
            size="lg"
            type="submit"
            busy={enter.isPending}
            disabled={email.trim() === "" || password === "" || tooShort}
          >
            {words.button}
          </Button>
        </form>
        <p className="mt-5 text-center text-sm text-ink-2">
          {words.other}{" "}
          <Link
            to={words.to}
            search={next === undefined ? {} : { next }}
            className="font-medium text-accent underline underline-offset-2"
          >
            {words.link}
          </Link>
        </p>
      </div>
    </main>
  );
};

/** The way in. */
export const SignInPage = () => <Entrance door="login" />;

/** The way to an account. */
export const RegisterPage = () => <Entrance key="register" door="register" />;
