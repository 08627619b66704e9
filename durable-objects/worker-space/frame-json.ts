// Text from the other end of a socket, as JSON. What is none is null, which no frame's schema accepts.

/** The parsed text, or null. */
export const frameJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
