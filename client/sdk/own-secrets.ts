// Secrets of the caller's own that a request brings along, in headers. What cannot be one is refused here, before anything that
// would print it could see it.

/** All of them may be missing. */
export interface OwnSecrets {
  /** For the model server, used by this request's run alone. */
  readonly modelApiKey?: string | undefined;
  /** Whose key it is; absent: that of the model which would be asked anyway. */
  readonly modelProvider?: string | undefined;
  /** Opens and seals memory. */
  readonly memoryPassphrase?: string | undefined;
}

const isOneWord = (text: string): boolean => /^[\x21-\x7e]{1,512}$/.test(text);

/** The headers that carry them. The error says which does not fit, never what it is. */
export const secretHeaders = ({
  modelApiKey,
  modelProvider,
  memoryPassphrase,
}: OwnSecrets): Readonly<Record<string, string>> => {
  for (const [name, text] of Object.entries({ "model key": modelApiKey, "model's provider": modelProvider }))
    if (text !== undefined && !isOneWord(text))
      throw new Error(`The ${name} is not one word: there is a space, a line break or an odd character in it`);
  return {
    ...(modelApiKey === undefined ? {} : { "x-model-api-key": modelApiKey }),
    ...(modelProvider === undefined ? {} : { "x-model-provider": modelProvider }),
    // A header holds bytes: words of any language are encoded, and decoded by the server.
    ...(memoryPassphrase === undefined ? {} : { "x-memory-passphrase": encodeURIComponent(memoryPassphrase) }),
  };
};
