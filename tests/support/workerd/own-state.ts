// Every test file of the workerd project starts with a migrated database and leaves no object behind. The runtime goes on to the
// next file: a space that is still there wakes by its alarm, reads the settings of whichever test is running, and asks its model.
import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll } from "vitest";

await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
afterAll(reset);
