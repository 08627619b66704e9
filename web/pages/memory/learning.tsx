// Whether anything is learned from conversations.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { MemoryCalls } from "#client/sdk/memory.ts";
import { api } from "../../app/api.ts";
import { CheckField } from "../../ui/field.tsx";
import { NotYet } from "../../ui/not-yet.tsx";
import { Section } from "../../ui/section.tsx";
import { toast, toastError } from "../../ui/toast.tsx";

const KEY = ["memory", "settings"] as const;

/** The switch. */
export const Learning = () => {
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery({
    queryKey: KEY,
    queryFn: () => new MemoryCalls(api.http).settings(),
  });
  const change = useMutation({
    mutationFn: (on: boolean) => new MemoryCalls(api.http).setLearning(on ? "on" : "off"),
    onSuccess: (now) => {
      queries.setQueryData(KEY, now);
      toast(now.learning === "on" ? "Retinue learns from now on." : "Nothing is learned any more. What is kept stays.");
    },
    onError: toastError,
  });
  return (
    <Section
      title="What Retinue knows about you"
      about="Shown to your agents in all your projects, and to nobody else. What you delete here is gone."
    >
      {data === undefined ? (
        <NotYet of={{ error, refetch }} what="settings" count={1} />
      ) : (
        <CheckField
          label="Learn from conversations"
          checked={data.learning === "on"}
          disabled={change.isPending}
          onChange={(event) => change.mutate(event.target.checked)}
        />
      )}
    </Section>
  );
};
