import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./tests/support/longest-first.ts";

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["tests/unit/**/*.test.ts", "tests/architecture/**/*.test.ts", "tests/contracts/**/*.test.ts"],
          environment: "node",
          // Most of a file's time was loading what it tests; a worker loads it once for all of its files.
          isolate: false,
          // Bounds for what hangs, no measures: a busy machine is slow, and slow is not wrong.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 30_000 } },
        },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                TEST_MIGRATIONS: await readD1Migrations("./migrations/d1"),
                AUTH_KEYS: JSON.stringify([
                  { kid: "test-1", secret: "dGVzdC1zZWNyZXQtdGVzdC1zZWNyZXQtdGVzdC1zZWNyZXQ" },
                ]),
                RATE_LIMIT_PER_MINUTE: "100000",
                AUTH_RATE_LIMIT_PER_MINUTE: "100000",
              },
            },
          })),
        ],
        test: {
          name: "workerd",
          include: ["tests/workerd/**/*.test.ts"],
          // Most of a file's time was loading the whole worker. Two runtimes, each for half of the files: users, projects and
          // spaces are new in every test, and what a test sets in the environment it takes back.
          isolate: false,
          maxWorkers: 2,
          setupFiles: ["./tests/support/workerd/own-state.ts"],
          // The end-to-end tests go on beside these: a bound for what hangs, not a measure.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 30_000 } },
        },
      },
      {
        test: {
          name: "e2e",
          include: ["tests/e2e/**/*.test.ts"],
          environment: "node",
          // Each file has a server of its own; two at a time is what two cores carry.
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 60_000 } },
        },
      },
    ],
  },
});
