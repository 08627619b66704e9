// The nicknames of cron expressions, as every clock knows them: read by the server, and put into words by the console.

const NICKNAMES: Readonly<Record<string, string>> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
};

/** The five fields of an expression, nicknames spelt out. */
export const fiveFields = (cron: string): string => NICKNAMES[cron.toLowerCase()] ?? cron;
