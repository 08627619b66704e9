// The path guard, both ways of keeping it: whatever path an agent gives, nothing outside the folder is read or written.
import { execFileSync } from "node:child_process";
import { constants } from "node:fs";
import { link, lstat, mkdir, open, readdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Folder } from "#client/device/folder.ts";
import { listDirectory } from "#client/device/list-directory.ts";
import { openFolder } from "#client/device/open-folder.ts";
import type { Outcome } from "#client/device/outcome.ts";
import { readFile as readTool } from "#client/device/read-file.ts";
import { partsOf } from "#client/device/relative-path.ts";
import { temporaryName } from "#client/device/temporary-name.ts";
import { writeFile as writeTool } from "#client/device/write-file.ts";
import { makeFolder, SECRET } from "./make-folder.ts";

const CALL = "tc_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3";
const ways = process.platform === "linux" ? (["linux", "portable"] as const) : (["portable"] as const);

const write = (folder: Folder, path: string, content: string) =>
  writeTool(folder, { callId: CALL, path, content, staged: async () => {} });
const codeOf = (outcome: Outcome): string => (outcome.status === "failed" ? outcome.code : outcome.status);

describe.each(ways)("the guard (%s)", (way) => {
  const open_ = async (options: { hide?: string[] } = {}) => {
    const places = await makeFolder();
    const folder = await openFolder(places.proj, { way, ...options });
    onTestFinished(() => folder.close());
    return { ...places, folder };
  };
  const nothingOutsideChanged = async ({ base, outside }: { base: string; outside: string }) => {
    expect(await readdir(outside)).toEqual(["secret.txt"]);
    expect(await readFile(join(outside, "secret.txt"), "utf8")).toBe(SECRET);
    expect(await readdir(join(base, "proj-evil"))).toEqual(["secret.txt"]);
    expect(await readFile(join(base, "proj-evil", "secret.txt"), "utf8")).toBe(SECRET);
    expect((await readdir(base)).sort()).toEqual(["outside", "proj", "proj-evil"]);
  };

  it("neither shows, reads nor writes what it keeps for itself while a write is under way", async () => {
    const { folder, proj } = await open_();
    const own = temporaryName("tc_01K9Z8Q3T5E6R7Y8V9W0X1Z2B4");
    await writeFile(join(proj, own), "half of a secret");
    const listed = await listDirectory(folder, ".");
    expect(JSON.stringify(listed)).not.toContain(own);
    expect(codeOf(await readTool(folder, own))).toBe("bad_path");
    expect(codeOf(await write(folder, own, "x"))).toBe("bad_path");
  });

  it("reads a file and lists a directory inside", async () => {
    const { folder } = await open_();
    expect(await readTool(folder, "README.md")).toEqual({
      status: "succeeded",
      content: "# Hello\n",
      bytes: 8,
      truncated: false,
    });
    expect(await readTool(folder, "./src//main.ts")).toMatchObject({ content: "export {};\n" });
    expect(await readTool(folder, "src/../README.md")).toMatchObject({ content: "# Hello\n" });
    const listing = await listDirectory(folder, ".");
    expect(listing.status === "succeeded" && JSON.parse(listing.content)).toEqual({
      path: ".",
      entries: [
        { name: "README.md", kind: "file", size: 8 },
        { name: "src", kind: "directory", size: null },
      ],
      truncated: false,
    });
  });

  it.each([
    "../outside/secret.txt",
    "../proj-evil/secret.txt",
    "src/../../outside/secret.txt",
    "..",
    "src/../..",
    "/etc/passwd",
    "//etc/passwd",
    "/",
  ])("refuses %j as a way out, for reading, listing and writing", async (path) => {
    const places = await open_();
    expect(codeOf(await readTool(places.folder, path))).toBe("outside_folder");
    expect(codeOf(await listDirectory(places.folder, path))).toBe("outside_folder");
    expect(["outside_folder", "not_a_file"]).toContain(codeOf(await write(places.folder, path, "x")));
    await nothingOutsideChanged(places);
  });

  it.each([
    "%2e%2e/outside/secret.txt",
    "..%2foutside%2fsecret.txt",
    "%2e%2e%2foutside",
    "..%c0%afoutside/secret.txt",
    "．．/outside/secret.txt",
    "file:///etc/passwd",
    "~/x",
    "..\\outside\\secret.txt",
  ])("takes %j literally: no such file inside", async (path) => {
    const places = await open_();
    expect(codeOf(await readTool(places.folder, path))).toBe("not_found");
    expect(codeOf(await write(places.folder, path, "mine"))).toBe("succeeded");
    expect(await readTool(places.folder, path)).toMatchObject({ content: "mine" });
    await nothingOutsideChanged(places);
  });

  it.each([
    "a file with spaces.txt",
    "имя ☃ 名前.md",
    "..foo",
    "...",
    "-rf",
    ".hidden",
    "a\nb",
    "foo.",
    "%2e%2e",
    "a/…/b",
  ])("works with the odd but honest name %j", async (path) => {
    const { folder, proj } = await open_();
    expect(codeOf(await write(folder, path, `content of ${path}`))).toBe("succeeded");
    expect(await readFile(join(proj, path), "utf8")).toBe(`content of ${path}`);
    expect(await readTool(folder, path)).toMatchObject({ content: `content of ${path}` });
  });

  it.each(["a\0b", "\0", "x".repeat(1025), "é".repeat(513), "\ud800"])(
    "refuses the impossible name %j",
    async (path) => {
      const { folder } = await open_();
      expect(codeOf(await readTool(folder, path))).toBe("bad_path");
      expect(codeOf(await write(folder, path, "x"))).toBe("bad_path");
    },
  );

  it("says of a name too long for the disk that it is impossible", async () => {
    const { folder } = await open_();
    expect(codeOf(await readTool(folder, "n".repeat(300)))).toBe("bad_path");
  });

  it("follows links that stay inside for reading, and refuses to write through them", async () => {
    const { folder, proj } = await open_();
    await symlink("README.md", join(proj, "link.md"));
    await symlink("../README.md", join(proj, "src", "up.md"));
    await symlink(join(proj, "src"), join(proj, "absolute"));
    await symlink("src", join(proj, "relative"));
    expect(await readTool(folder, "link.md")).toMatchObject({ content: "# Hello\n" });
    expect(await readTool(folder, "src/up.md")).toMatchObject({ content: "# Hello\n" });
    expect(await readTool(folder, "absolute/main.ts")).toMatchObject({ content: "export {};\n" });
    expect(codeOf(await listDirectory(folder, "relative"))).toBe("succeeded");
    expect(codeOf(await write(folder, "link.md", "x"))).toBe("symlink");
    expect(codeOf(await write(folder, "relative/main.ts", "x"))).toBe("symlink");
    expect(await readFile(join(proj, "README.md"), "utf8")).toBe("# Hello\n");
    expect(await readFile(join(proj, "src", "main.ts"), "utf8")).toBe("export {};\n");
  });

  it("refuses links that lead out: to a file, a directory, by way of another link, or by climbing", async () => {
    const places = await open_();
    const { folder, proj, outside } = places;
    await symlink(join(outside, "secret.txt"), join(proj, "file"));
    await symlink(outside, join(proj, "dir"));
    await symlink("dir", join(proj, "again"));
    await symlink("../outside/secret.txt", join(proj, "climb"));
    await symlink("../../proj-evil", join(proj, "src", "sibling"));
    await symlink(`${proj}/../outside`, join(proj, "dressed"));
    for (const path of [
      "file",
      "dir/secret.txt",
      "again/secret.txt",
      "climb",
      "src/sibling/secret.txt",
      "dressed/secret.txt",
    ]) {
      expect([path, codeOf(await readTool(folder, path))]).toEqual([path, "outside_folder"]);
      expect([path, codeOf(await write(folder, path, "x"))]).toEqual([path, "symlink"]);
    }
    for (const path of ["dir", "again", "src/sibling", "dressed"]) {
      expect(codeOf(await listDirectory(folder, path))).toBe("outside_folder");
      expect(codeOf(await write(folder, `${path}/new/deep.txt`, "x"))).toBe("symlink");
    }
    await nothingOutsideChanged(places);
  });

  it("shows a link as a link in a listing, and nothing of what it points to", async () => {
    const { folder, proj, outside } = await open_();
    await symlink(join(outside, "secret.txt"), join(proj, "src", "out"));
    const listing = await listDirectory(folder, "src");
    expect(listing.status === "succeeded" && JSON.parse(listing.content).entries).toContainEqual({
      name: "out",
      kind: "symlink",
      size: null,
    });
  });

  it("ends on a loop of links", async () => {
    const { folder, proj } = await open_();
    await symlink("b", join(proj, "a"));
    await symlink("a", join(proj, "b"));
    expect(["bad_path", "symlink"]).toContain(codeOf(await readTool(folder, "a")));
  });

  it("neither hangs on nor uses a FIFO, a socket or a device", async () => {
    const { folder, proj } = await open_();
    execFileSync("mkfifo", [join(proj, "fifo")]);
    const server = createServer().listen(join(proj, "sock"));
    await new Promise((resolve) => server.once("listening", resolve));
    onTestFinished(() => void server.close());
    await symlink("/dev/zero", join(proj, "zero"));
    for (const path of ["fifo", "sock"]) {
      expect([path, codeOf(await readTool(folder, path))]).toEqual([path, "not_a_file"]);
      expect([path, codeOf(await write(folder, path, "x"))]).toEqual([path, "not_a_file"]);
      expect((await lstat(join(proj, path))).isFile()).toBe(false);
    }
    expect(codeOf(await readTool(folder, "zero"))).toBe("outside_folder");
    expect(codeOf(await readTool(folder, "fifo/x"))).toBe("not_a_directory");
  });

  it("tells files and directories apart", async () => {
    const { folder, proj } = await open_();
    expect(codeOf(await readTool(folder, "src"))).toBe("not_a_file");
    expect(codeOf(await readTool(folder, "."))).toBe("not_a_file");
    expect(codeOf(await listDirectory(folder, "README.md"))).toBe("not_a_directory");
    expect(codeOf(await readTool(folder, "README.md/x"))).toBe("not_a_directory");
    expect(codeOf(await write(folder, "src", "x"))).toBe("not_a_file");
    expect(codeOf(await write(folder, "src/", "x"))).toBe("not_a_file");
    expect(codeOf(await write(folder, ".", "x"))).toBe("not_a_file");
    expect(codeOf(await write(folder, "README.md/x", "x"))).toBe("not_a_directory");
    expect((await readdir(proj)).sort()).toEqual(["README.md", "src"]);
  });

  it("refuses files over the cap, also endless ones of unknown size, and takes one of exactly the cap", async () => {
    const { folder, proj } = await open_();
    await writeFile(join(proj, "exact"), "x".repeat(1_000_000));
    await writeFile(join(proj, "over"), "x".repeat(1_000_001));
    const sparse = await open(join(proj, "sparse"), constants.O_CREAT | constants.O_WRONLY);
    await sparse.truncate(50_000_000_000);
    await sparse.close();
    expect(await readTool(folder, "exact")).toMatchObject({ status: "succeeded", bytes: 1_000_000 });
    expect(codeOf(await readTool(folder, "over"))).toBe("too_large");
    expect(codeOf(await readTool(folder, "sparse"))).toBe("too_large");
    expect(codeOf(await write(folder, "big", "é".repeat(500_001)))).toBe("too_large");
    expect(codeOf(await write(folder, "big", "é".repeat(500_000)))).toBe("succeeded");
  });

  it("refuses what is not text, and keeps a byte order mark", async () => {
    const { folder, proj } = await open_();
    await writeFile(join(proj, "image"), Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0xfe]));
    await writeFile(join(proj, "zeros"), "text\0text");
    await writeFile(join(proj, "bom"), "\ufeffhello");
    expect(codeOf(await readTool(folder, "image"))).toBe("not_text");
    expect(codeOf(await readTool(folder, "zeros"))).toBe("not_text");
    expect(await readTool(folder, "bom")).toMatchObject({ content: "\ufeffhello" });
  });

  it("sorts a listing and caps it with a mark", async () => {
    const { folder, proj } = await open_();
    await mkdir(join(proj, "many"));
    await Promise.all(
      [...Array(1_001).keys()].map((i) => writeFile(join(proj, "many", `f${String(i).padStart(4, "0")}`), "")),
    );
    const listing = await listDirectory(folder, "many");
    expect(listing).toMatchObject({ status: "succeeded", truncated: true });
    const { entries, truncated } = JSON.parse(listing.status === "succeeded" ? listing.content : "{}");
    expect(truncated).toBe(true);
    expect(entries).toHaveLength(1_000);
    expect(entries[0].name).toBe("f0000");
    expect(entries[999].name).toBe("f0999");
  });

  it("makes missing directories, replaces whole files, keeps their mode and leaves no temporary file", async () => {
    const { folder, proj } = await open_();
    expect(codeOf(await write(folder, "docs/a/b/NOTES.md", "one"))).toBe("succeeded");
    await open(join(proj, "run.sh"), "w", 0o755).then((file) => file.close());
    expect(codeOf(await write(folder, "run.sh", "#!/bin/sh\n"))).toBe("succeeded");
    expect((await lstat(join(proj, "run.sh"))).mode & 0o777).toBe(0o755);
    expect(codeOf(await write(folder, "docs/a/b/NOTES.md", "two"))).toBe("succeeded");
    expect(await readFile(join(proj, "docs/a/b/NOTES.md"), "utf8")).toBe("two");
    expect(await readdir(join(proj, "docs/a/b"))).toEqual(["NOTES.md"]);
  });

  it("leaves the other name of a hard-linked file as it was", async () => {
    const places = await open_();
    await link(join(places.outside, "secret.txt"), join(places.proj, "shared"));
    expect(codeOf(await write(places.folder, "shared", "new"))).toBe("succeeded");
    await nothingOutsideChanged(places);
  });

  it("does not write when the directory was moved out of the folder while the content was staged", async () => {
    const places = await open_();
    const { folder, proj, base } = places;
    const outcome = await writeTool(folder, {
      callId: CALL,
      path: "src/new.txt",
      content: "leaked",
      staged: () => rename(join(proj, "src"), join(base, "moved")),
    });
    expect(outcome.status).toBe("failed");
    expect(await readdir(join(base, "moved"))).not.toContain("new.txt");
  });

  it("replaces a link put at the target's place at the last moment, not what it points to", async () => {
    const places = await open_();
    const { folder, proj, outside } = places;
    const outcome = await writeTool(folder, {
      callId: CALL,
      path: "late.txt",
      content: "mine",
      staged: () => symlink(join(outside, "secret.txt"), join(proj, "late.txt")),
    });
    expect(outcome.status).toBe("succeeded");
    expect((await lstat(join(proj, "late.txt"))).isFile()).toBe(true);
    await nothingOutsideChanged(places);
  });

  it("keeps this program's own settings out of reach when they lie in the folder", async () => {
    const places = await makeFolder();
    const home = join(places.proj, ".config", "retinue");
    await mkdir(home, { recursive: true });
    await writeFile(join(home, "config.json"), "tokens");
    await symlink(".config/retinue", join(places.proj, "way-in"));
    const folder = await openFolder(places.proj, { way, hide: [home] });
    onTestFinished(() => folder.close());
    for (const path of [".config/retinue/config.json", "way-in/config.json"])
      expect(codeOf(await readTool(folder, path))).toBe("outside_folder");
    expect(codeOf(await listDirectory(folder, ".config/retinue"))).toBe("outside_folder");
    expect(codeOf(await write(folder, ".config/retinue/config.json", "x"))).toBe("outside_folder");
    expect(await readFile(join(home, "config.json"), "utf8")).toBe("tokens");
    await expect(openFolder(home, { way, hide: [home] })).rejects.toThrow("settings");
  });

  it("serves a folder whose own path leads through a link", async () => {
    const { base, proj } = await makeFolder();
    await symlink(proj, join(base, "alias"));
    const folder = await openFolder(join(base, "alias"), { way });
    onTestFinished(() => folder.close());
    expect(folder.realPath).toBe(proj);
    expect(codeOf(await readTool(folder, "README.md"))).toBe("succeeded");
  });
});

describe("path text", () => {
  it("refuses what Windows would understand differently, on Windows", () => {
    for (const path of [
      "a\\..\\..\\b",
      "C:x",
      "C:\\x",
      "\\\\server\\share",
      "a/CON",
      "nul.txt",
      "file.txt:stream",
      "trailing.",
      "trailing ",
    ])
      expect([path, partsOf(path, "win32").ok]).toEqual([path, false]);
    expect(partsOf("src/a b.txt", "win32")).toEqual({ ok: true, value: ["src", "a b.txt"] });
  });
});

describe("a file that was made by its name alone", () => {
  it("is where it should be, or it is known not to be, though its directory is back in its place", async () => {
    const { proj, outside } = await makeFolder();
    const folder = await openFolder(proj, { way: "portable" });
    onTestFinished(() => folder.close());
    const opened = await folder.openForWriting("src", ["src"]);
    if (!opened.ok) throw new Error(opened.refusal.message);
    const directory = opened.value;
    const made = async (where: string) => {
      await writeFile(join(where, "made.txt"), "");
      const { dev, ino } = await lstat(join(where, "made.txt"), { bigint: true });
      return { name: "made.txt", dev, ino };
    };
    // Made while the directory was a link that leads out: now it is none, and holds nothing of that name, or something else.
    const astray = await made(outside);
    expect(await directory.isInside(astray)).toBe(false);
    expect(await directory.isInside(await made(join(proj, "src")))).toBe(true);
    expect(await directory.isInside(astray)).toBe(false);
  });
});
