// Where a page may be sent to after signing in.

/** Only an address of this console: never one that a link from elsewhere put there. */
export const innerPath = (path: string | undefined): string =>
  path !== undefined && /^\/(?![/\\])/.test(path) ? path : "/";
