// Where a page may be sent to after signing in.

/** Only an address of this console: never one that a link from elsewhere put there. */
export const innerPath = (path: string | undefined): string =>
  // Browsers drop tabs and line ends from an address before they read it.
  path !== undefined && /^\/(?![/\\])[^\s\p{Cc}]*$/u.test(path) ? path : "/";
