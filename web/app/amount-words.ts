// Counts and sizes in few words. Money and time are in client/cli/amounts.ts.

const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** "31K"; whole below a thousand. */
export const countText = (number: number): string => COMPACT.format(number);

/** "93 %". */
export const shareText = (part: number): string => `${Math.round(part * 100)} %`;

/** "5 documents", "1 document". */
export const manyText = (number: number, one: string, more = `${one}s`): string =>
  `${number.toLocaleString("en")} ${number === 1 ? one : more}`;

/** "12 kB". */
export const bytesText = (bytes: number): string => {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
};
