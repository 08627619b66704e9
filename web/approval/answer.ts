// How a person answers a question. A yes is bound to what was shown: if the question asks for something else by now, the
// server refuses it.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { holdApproval } from "#client/sdk/policy.ts";
import { api } from "../app/api.ts";
import { openApprovalsQuery } from "../data/queries.ts";
import { toastError } from "../ui/toast.tsx";

/** An answer. */
export type Answer =
  | { readonly kind: "approve" }
  | { readonly kind: "edit"; readonly arguments: Record<string, unknown> }
  | { readonly kind: "reject"; readonly reason: string }
  | { readonly kind: "respond"; readonly content: string }
  | { readonly kind: "hold" };

const send = (id: string, hash: string, answer: Answer) => {
  switch (answer.kind) {
    case "approve":
      return api.confirm(id, { arguments_hash: hash });
    case "edit":
      return api.confirm(id, { arguments_hash: hash, arguments: answer.arguments });
    case "reject":
      return api.reject(id, answer.reason === "" ? undefined : answer.reason);
    case "respond":
      return api.respond(id, answer.content);
    case "hold":
      return holdApproval(api.http, id);
  }
};

/** A function that answers a question, and whether it is at it. */
export const useAnswer = (id: string, hash: string) => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (answer: Answer) => send(id, hash, answer),
    onError: toastError,
    onSettled: () => queries.invalidateQueries({ queryKey: [openApprovalsQuery.queryKey[0]] }),
  });
};
