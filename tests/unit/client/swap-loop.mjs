// Another process that swaps a directory for a link leading out, and back, as fast as it can, until it is killed. When the
// writer made a directory of its own in the gap, that one is put aside.
import { renameSync, symlinkSync, unlinkSync } from "node:fs";

const [directory = "", outside = ""] = process.argv.slice(2);
let strays = 0;
const insist = (step) => {
  for (;;) {
    try {
      step();
      return;
    } catch (error) {
      if (error.code !== "EEXIST" && error.code !== "ENOTEMPTY") throw error;
      renameSync(directory, `${directory}.stray-${strays++}`);
    }
  }
};
// Now and then it rests with the directory in place: however busy the machine, both states are there to be met.
const rest = new Int32Array(new SharedArrayBuffer(4));
process.send?.("ready");
for (let round = 1; ; round++) {
  if (round % 100 === 0) Atomics.wait(rest, 0, 0, 3);
  renameSync(directory, `${directory}.aside`);
  insist(() => symlinkSync(outside, directory));
  unlinkSync(directory);
  insist(() => renameSync(`${directory}.aside`, directory));
}
