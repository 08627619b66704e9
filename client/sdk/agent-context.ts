// The calls of one agent's context: what it can look up.
import {
  AddedDocumentBody,
  ContextDocumentPage,
  type ContextFilterBody,
  ContextItemPage,
  ContextSearchResult,
  ContextStatsBody,
  type DocumentMediaType,
  type MoveContextBody,
  MovedContext,
  RemovedFromContext,
} from "#schema/api/context.ts";
import type { Http } from "./http.ts";
import { jsonLines } from "./json-lines.ts";

/** A document to add; a PDF comes as `content_base64`. */
export interface DocumentToAdd {
  readonly title: string;
  readonly content?: string;
  readonly content_base64?: string;
  readonly media_type?: DocumentMediaType;
  readonly tags?: readonly string[];
  readonly replace?: boolean;
}

/** What to throw away. */
export interface PruneRules {
  readonly older_than_days?: number | undefined;
  readonly before?: string | undefined;
  readonly type?: "interaction" | "document" | undefined;
  readonly success?: boolean | undefined;
  readonly max_count?: number | undefined;
}

interface Page {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** One agent's context. */
export class AgentContextCalls {
  readonly #http: Http;
  readonly #at: string;

  constructor(http: Http, agentId: string) {
    this.#http = http;
    this.#at = `/my/agents/${encodeURIComponent(agentId)}/context`;
  }

  stats() {
    return this.#http.call("GET", this.#at, ContextStatsBody);
  }
  /** Everything goes. */
  clear() {
    return this.#http.call("DELETE", this.#at, RemovedFromContext);
  }
  search(query: string, topK = 10, filter: ContextFilterBody = {}) {
    return this.#http.call("POST", `${this.#at}/search`, ContextSearchResult, {
      body: { query, top_k: topK, filter },
    });
  }
  addDocument(document: DocumentToAdd) {
    return this.#http.call("POST", `${this.#at}/documents`, AddedDocumentBody, { body: document });
  }
  documents(page: Page = {}) {
    return this.#http.call("GET", `${this.#at}/documents`, ContextDocumentPage, { query: { ...page } });
  }
  removeDocument(documentId: string) {
    return this.#http.call("DELETE", `${this.#at}/documents/${encodeURIComponent(documentId)}`, RemovedFromContext);
  }
  items(query: Page & { type?: string; document_id?: string; run_id?: string; tag?: string } = {}) {
    return this.#http.call("GET", `${this.#at}/items`, ContextItemPage, { query: { ...query } });
  }
  removeItem(itemId: string) {
    return this.#http.call("DELETE", `${this.#at}/items/${encodeURIComponent(itemId)}`, RemovedFromContext);
  }
  prune(rules: PruneRules) {
    return this.#http.call("POST", `${this.#at}/prune`, RemovedFromContext, { body: rules });
  }

  /** Moves one page to another store; asked again until it is done. */
  move(body: MoveContextBody) {
    return this.#http.call("POST", `${this.#at}/move`, MovedContext, { body });
  }

  /** Its items as JSON lines, as they come. */
  export(): AsyncGenerator<string, void, void> {
    return jsonLines(this.#http, `${this.#at}/export`);
  }
}
