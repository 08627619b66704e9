// Bodies name a lease's token for what it is among other fields; a space is shown it as the proof it is.

/** The body with its lease's token where a space looks for it. */
export const proofOf = <B extends { readonly lease_token: string }>({ lease_token, ...rest }: B) => ({
  ...rest,
  token: lease_token,
});
