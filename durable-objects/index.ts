// The classes the platform instantiates, gathered for the worker's entry.
export { AgentContext } from "./agent-context/agent-context.ts";
export { UserMemory } from "./user-memory/user-memory.ts";
export { UserMeter } from "./user-meter/user-meter.ts";
export { WorkerSpace } from "./worker-space/worker-space.ts";
