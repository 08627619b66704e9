// retinue connect: makes this machine the project's device. Agents reach files of the one folder, through the guard, as long
// as this runs.
import { hostname } from "node:os";
import { basename, resolve } from "node:path";
import { DeviceRoom } from "../../device/device-room.ts";
import { describeNotice, noticeRecord } from "../../device/notice.ts";
import { command } from "../arguments.ts";
import { Failure } from "../failure.ts";
import { COMMON, currentProject, PROJECT, standOn } from "../ground.ts";
import { untilInterrupted } from "../interrupt.ts";

export const connectCommand = command({
  meta: {
    name: "connect",
    description: "Let the project's agents read, and with your approval write, files of a folder",
  },
  args: {
    folder: { type: "positional", required: true, description: "The folder" },
    "read-only": { type: "boolean", description: "Never write, whatever is approved" },
    name: { type: "string", description: "What this device is called (default: the machine's name)" },
    ...PROJECT,
    ...COMMON,
  },
  run: async ({ args }) => {
    const ground = standOn(args);
    const { print } = ground;
    const api = await ground.api();
    const projectId = await currentProject(ground, api, args);
    const { id: userId } = await api.me();
    const room = await DeviceRoom.open({
      http: api.http,
      owner: { userId, projectId },
      folder: resolve(args.folder),
      home: ground.settings.home,
      name: (args.name || hostname() || "device").slice(0, 80),
      readOnly: args["read-only"] === true,
      notice: (notice) => {
        print.line(`${new Date().toTimeString().slice(0, 8)}  ${describeNotice(notice)}`);
        print.record({ at: new Date().toISOString(), ...noticeRecord(notice) });
      },
    }).catch((error: unknown) => {
      throw error instanceof Error ? new Failure(error.message) : error;
    });
    print.line(
      `Serving ${room.realPath} (${basename(room.realPath)}) to project ${projectId}${args["read-only"] ? ", read-only" : "; writes ask you first"}. Ctrl-C ends it.`,
    );
    try {
      await untilInterrupted((signal) => room.run(signal));
    } finally {
      await room.close();
    }
  },
});
