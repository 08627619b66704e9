// From a room's events to its story, one at a time and in their order. A page may begin in the middle of a room's life, so
// an event may speak of a run nobody heard the beginning of: then the run is told from there.
import type { RoomEvent } from "./room-event.ts";
import type { RunStory, Said, Story } from "./story.ts";
import { newRun, tellRun } from "./tell-run.ts";

const withRun = (story: Story, run: RunStory): Story => ({
  ...story,
  runs: { ...story.runs, [run.id]: run },
  entries: story.runs[run.id] === undefined ? [...story.entries, { kind: "run", id: run.id }] : story.entries,
});

const withMessage = (story: Story, said: Said): Story =>
  story.messages[said.id] !== undefined
    ? story
    : {
        ...story,
        messages: { ...story.messages, [said.id]: said },
        entries: [...story.entries, { kind: "message", id: said.id }],
      };

const aboutRoom = (story: Story, { fact, seq, at, type }: RoomEvent): Story => {
  switch (fact?.type) {
    case "room.created":
    case "room.renamed":
      return { ...story, title: fact.data.title };
    case "room.forked":
      return {
        ...story,
        title: fact.data.title,
        forkedFrom: { roomId: fact.data.from_room_id, seq: fact.data.from_seq },
      };
    case "room.deleted":
      return { ...story, deleted: true };
    case "message.posted": {
      const { message_id: id, role, content, agent_name: agent, citations = [] } = fact.data;
      return withMessage(story, { id, seq, at, role, content, agent, citations });
    }
    default:
      if (type !== "message.posted") return story;
      // Its words were taken out of the log; that something was said here is not hidden.
      return withMessage(story, {
        id: `redacted-${seq}`,
        seq,
        at,
        role: "system",
        content: null,
        agent: null,
        citations: [],
      });
  }
};

/** The story with one more event. */
export const tell = (story: Story, event: RoomEvent): Story => {
  if (event.seq <= story.seq) return story;
  const told = { ...story, seq: event.seq };
  if (event.runId === null) return aboutRoom(told, event);
  const known = story.runs[event.runId];
  return withRun(told, tellRun(known ?? newRun(event.runId, event.at), event));
};

/** The story of events in a row. */
export const tellAll = (story: Story, events: readonly RoomEvent[]): Story => events.reduce(tell, story);

/** The messages a fork took along, before everything else. */
export const withInherited = (story: Story, inherited: readonly Said[]): Story => {
  const fresh = inherited.filter(({ id }) => story.messages[id] === undefined);
  return {
    ...story,
    messages: { ...Object.fromEntries(fresh.map((said) => [said.id, said])), ...story.messages },
    entries: [...fresh.map(({ id }) => ({ kind: "message" as const, id })), ...story.entries],
  };
};
