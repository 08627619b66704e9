// Why a WebSocket handshake failed. The socket itself tells nothing, so the same address is asked once by HTTP: a 401 renews
// the token on the way, a lasting refusal is thrown, anything that may pass is worth another try.
import { ApiError, errorOf, NoAnswer } from "./api-error.ts";
import type { Http } from "./http.ts";

/** Resolves when trying again makes sense, with the wait the server asked for; throws the refusal when it does not. */
export const explainHandshake = async (http: Http, path: string, signal?: AbortSignal): Promise<number> => {
  try {
    const response = await http.send("GET", path, { headers: { accept: "text/event-stream" }, stream: true, signal });
    // 426 is what an address that only speaks WebSocket says to someone it would otherwise let in.
    if (response.ok || response.status === 426) {
      await response.body?.cancel();
      return 0;
    }
    throw await errorOf(response);
  } catch (error) {
    if (signal?.aborted || error instanceof NoAnswer) return 0;
    if (error instanceof ApiError && (error.status === 429 || error.status >= 500)) return error.retryAfterMs ?? 0;
    throw error;
  }
};
