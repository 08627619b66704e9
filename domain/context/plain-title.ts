// How a title is shown beside what it names.
const LONGEST = 120;

/** The title on one line, and not too long. */
export const plainTitle = (title: string): string =>
  title.replaceAll(/\s+/g, " ").trim().slice(0, LONGEST).toWellFormed();
