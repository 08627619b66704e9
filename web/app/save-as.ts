// Gives the person a file.

/** Saves the parts under a name, as a download. */
export const saveAs = (name: string, parts: string[], type: string): void => {
  const url = URL.createObjectURL(new Blob(parts, { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read it by then; the address is given back later.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
};
