// What a session is called when it is opened by what is said first.

const LONGEST = 60;

/** A title made of the first words of a message, without the name it is said to and without Markdown's marks. */
export const sessionTitle = (content: string): string => {
  const [line = ""] = content
    .trim()
    .replace(/^@[A-Za-z][\w-]*[,:]?\s+/, "")
    .split("\n", 1);
  const plain = line
    .replace(/^[\s#>]+/, "")
    .replaceAll(/[*`]+/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  const words = plain.charAt(0).toUpperCase() + plain.slice(1);
  if (words.length <= LONGEST) return words === "" ? "New chat" : words;
  const cut = words.slice(0, LONGEST);
  const end = cut.lastIndexOf(" ");
  return `${(end > LONGEST / 2 ? cut.slice(0, end) : cut).toWellFormed()}…`;
};
