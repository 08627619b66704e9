// Is the port free, does the server answer on it, and do its settings let anybody in.
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** True as soon as nothing listens there; a server that has just been killed gets a moment to let go of it. */
export async function isPortFree(host: string, port: number): Promise<boolean> {
  const end = Date.now() + 1_000;
  while (!(await isFreeNow(host, port))) {
    if (Date.now() > end) return false;
    await sleep(20);
  }
  return true;
}

function isFreeNow(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error),
    );
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** Resolves with true once the health route answers, with false when `signal` or the time ends it. */
export async function waitForHealth(url: string, milliseconds: number, signal: AbortSignal): Promise<boolean> {
  const end = Date.now() + milliseconds;
  while (Date.now() < end && !signal.aborted) {
    try {
      const answer = await fetch(`${url}/api/v1/health`, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(Math.min(5_000, milliseconds))]),
      });
      await answer.arrayBuffer();
      if (answer.ok) return true;
    } catch {
      // Not listening yet.
    }
    await sleep(25);
  }
  return false;
}

/**
 * Resolves with true once a server that answered has not for `milliseconds`, with false when `signal` ends the watch. It is asked
 * twice: a machine that was asleep lets the time pass without a question.
 */
export async function fallsSilent(
  url: string,
  { everyMs, milliseconds }: { readonly everyMs: number; readonly milliseconds: number },
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    const answers =
      (await waitForHealth(url, milliseconds, signal)) || (await waitForHealth(url, milliseconds / 2, signal));
    if (!answers && !signal.aborted) return true;
    await sleep(everyMs);
  }
  return false;
}

/**
 * What keeps a running server from serving anybody: a setting that does not fit; null when nothing does, or when it does not
 * answer: a server that has just died is told by its own end.
 */
export async function settingsProblem(url: string): Promise<string | null> {
  try {
    const answer = await fetch(`${url}/my/projects`, { signal: AbortSignal.timeout(10_000) });
    const body: unknown = await answer.json();
    if (answer.status !== 503 || typeof body !== "object" || body === null) return null;
    return "detail" in body && typeof body.detail === "string" ? body.detail : "a setting is missing or does not fit";
  } catch {
    return null;
  }
}
