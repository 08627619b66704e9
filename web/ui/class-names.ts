// Class names, joined; whatever is not a name is left out.

/** Joins class names. */
export const cx = (...names: readonly (string | false | null | undefined)[]): string => names.filter(Boolean).join(" ");
