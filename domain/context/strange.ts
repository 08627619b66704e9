// The mark of what may repeat a stranger's words: kept with an item, looked at when the item comes back.

/** The tag of work that had read what tools or documents brought. It begins as our own do: nobody else can give it. */
export const READ_STRANGERS = "~read";
