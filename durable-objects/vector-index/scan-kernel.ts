// The kernel of this isolate. The binary is imported as a module: the platform refuses to compile one at run time.
import module from "./kernel/scan.wasm";
import { Kernel } from "./kernel.ts";

let kernel: Kernel | null = null;

/** The one kernel that all objects of this isolate share; nothing of any of them stays in it. */
export function scanKernel(): Kernel {
  kernel ??= new Kernel(module);
  return kernel;
}
