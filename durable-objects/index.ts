// The classes the platform instantiates, gathered for the worker's entry.
export { UserMeter } from "./user-meter/user-meter.ts";
export { WorkerSpace } from "./worker-space/worker-space.ts";
