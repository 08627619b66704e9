// Which commands a few typed letters mean, best first.

/** What can be ranked. */
export interface Named {
  readonly label: string;
  /** Other words it is found by. */
  readonly also?: string;
}

/** How well the letters fit a label: higher is better, null when they do not. Letters may be left out, not turned around. */
const fitOf = (query: string, label: string): number | null => {
  const [letters, text] = [query.toLowerCase().replace(/\s+/g, ""), label.toLowerCase()];
  if (letters === "") return 0;
  const whole = text.indexOf(query.toLowerCase().trim());
  if (whole >= 0) return 1_000 - whole - text.length / 100;
  let score = 0;
  let at = -1;
  for (const letter of letters) {
    const found = text.indexOf(letter, at + 1);
    if (found < 0) return null;
    const startsWord = found === 0 || /[\s\-_/]/.test(text.charAt(found - 1));
    score += startsWord ? 12 : found === at + 1 ? 8 : 1;
    at = found;
  }
  return score - text.length / 100;
};

/** The commands that fit, best first; in their own order while nothing is typed. */
export const rankCommands = <T extends Named>(query: string, commands: readonly T[]): readonly T[] => {
  if (query.trim() === "") return commands;
  return commands
    .flatMap((command) => {
      const fits = [command.label, command.also ?? ""].flatMap((words, index) => {
        const fit = words === "" ? null : fitOf(query, words);
        return fit === null ? [] : [fit - index];
      });
      return fits.length === 0 ? [] : [{ command, fit: Math.max(...fits) }];
    })
    .sort((one, other) => other.fit - one.fit)
    .map(({ command }) => command);
};
