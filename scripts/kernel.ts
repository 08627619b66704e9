// `npm run build:kernel`: compiles the vector index's inner loops (durable-objects/vector-index/kernel/scan.as) into the small
// binary beside them, which is committed. A test compiles them again and compares.
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import asc from "assemblyscript/asc";

const FOLDER = join(resolve(import.meta.dirname, ".."), "durable-objects/vector-index/kernel");
/** Where the binary lies. */
export const BINARY = join(FOLDER, "scan.wasm");

/** The binary that the source means. The same source gives the same bytes. */
export async function compileKernel(): Promise<Uint8Array> {
  // The compiler insists on its own ending; ours keeps the other tools away from what is no TypeScript.
  const source = readFileSync(join(FOLDER, "scan.as"), "utf8");
  let made: Uint8Array | null = null;
  const { error, stderr } = await asc.main(
    [
      ...["scan.ts", "--outFile", "scan.wasm", "--optimizeLevel", "3", "--shrinkLevel", "0", "--converge"],
      ...["--noAssert", "--runtime", "stub", "--enable", "simd", "--initialMemory", "1"],
    ],
    {
      readFile: (name) => (name === "scan.ts" ? source : null),
      writeFile: (_, contents) => {
        if (typeof contents !== "string") made = contents;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || made === null) throw new Error(`The kernel does not compile:\n${stderr.toString()}`);
  return made;
}

if (import.meta.main) {
  const binary = await compileKernel();
  writeFileSync(BINARY, binary);
  console.log(`${BINARY}: ${binary.byteLength} bytes`);
}
