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
        signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]),
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
