// Every refusal there is: its HTTP status and its one sentence. A new refusal is a new row here, nowhere else.

interface Row {
  readonly status: 400 | 401 | 402 | 403 | 404 | 405 | 409 | 410 | 413 | 415 | 422 | 426 | 429 | 500 | 503;
  readonly title: string;
}

/** Code → status and title of the problem document (RFC 9457). */
export const REFUSALS = {
  invalid_request: { status: 422, title: "The request does not fit its contract" },
  malformed_json: { status: 400, title: "The body is not valid JSON" },
  unsupported_media_type: { status: 415, title: "The body must be application/json" },
  body_too_large: { status: 413, title: "The body is larger than this route accepts" },
  unauthenticated: { status: 401, title: "A valid bearer token is required" },
  invalid_credentials: { status: 401, title: "The e-mail or the password is wrong" },
  refresh_invalid: { status: 401, title: "The refresh token is unknown, expired or revoked" },
  refresh_reused: { status: 401, title: "The refresh token was already used; its whole family is revoked" },
  cross_site: { status: 403, title: "A browser's session is used by this installation's own pages only" },
  insufficient_scope: { status: 403, title: "The credential does not carry the scope this route needs" },
  isolation_violation: { status: 403, title: "This id does not belong to one of your projects" },
  policy_denied: { status: 403, title: "Policy does not allow this here" },
  signature_invalid: { status: 401, title: "The callback is not proven by its signature" },
  not_found: { status: 404, title: "There is no such thing here" },
  method_not_allowed: { status: 405, title: "This path does not take that method" },
  email_taken: { status: 409, title: "An account with this e-mail already exists" },
  name_taken: { status: 409, title: "This name is already in use" },
  version_conflict: { status: 409, title: "The thing was changed in the meantime" },
  already_decided: { status: 409, title: "This approval is no longer open" },
  already_held: { status: 409, title: "This approval was held once already" },
  not_cancellable: { status: 409, title: "This run has already ended" },
  not_redactable: { status: 409, title: "This event cannot be redacted" },
  stale_lease: { status: 409, title: "The lease this was done under is no longer the run's" },
  not_claimable: { status: 409, title: "This run does not wait for an engine" },
  already_ended: { status: 409, title: "This has already ended" },
  already_resolved: { status: 409, title: "This incident was already resolved" },
  default_project: { status: 409, title: "The default project cannot be deleted" },
  idempotency_in_progress: { status: 409, title: "A request with this idempotency key is still being worked on" },
  idempotency_mismatch: { status: 422, title: "This idempotency key was used with a different request" },
  seq_out_of_range: { status: 422, title: "This position lies outside the life of the room" },
  unknown_agent: { status: 422, title: "No agent of this project has that name" },
  plan_invalid: { status: 422, title: "The request could not be turned into a plan" },
  model_unavailable: { status: 503, title: "The model did not answer" },
  no_target_agent: { status: 422, title: "The message names no agent" },
  ticket_invalid: { status: 401, title: "The stream ticket is unknown, expired or used" },
  upgrade_required: { status: 426, title: "This address speaks WebSocket only" },
  rate_limited: { status: 429, title: "Too many requests" },
  quota_exceeded: { status: 429, title: "A limit of this account is reached" },
  budget_exhausted: { status: 402, title: "A budget has no room for what this would cost" },
  budget_unreachable: { status: 503, title: "The budget could not be asked, so nothing was spent" },
  memory_passphrase_wrong: { status: 403, title: "The passphrase does not open this memory" },
  memory_locked: { status: 403, title: "This memory is kept under a passphrase" },
  memory_unavailable: { status: 503, title: "The memory cannot be reached" },
  memory_forgotten: { status: 410, title: "This was deleted, and is not remembered again" },
  document_unreadable: { status: 422, title: "No text could be read out of this document" },
  short_state_unavailable: { status: 503, title: "Sign-in is closed while its rate limiter cannot be reached" },
  context_unavailable: { status: 503, title: "The store of agents' contexts cannot be reached" },
  not_configured: { status: 503, title: "This installation lacks a required setting" },
  internal: { status: 500, title: "Something went wrong on our side" },
} as const satisfies Record<string, Row>;

/** The code of a refusal, as it stands in `code` of the problem document. */
export type RefusalCode = keyof typeof REFUSALS;
