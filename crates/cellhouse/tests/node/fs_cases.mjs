// Calls of `node:fs` and `process`. The Worker answers with what each gave, by name; an error is its name, code, call,
// path and message. Each case has a folder of its own, `d`. Run on Cellhouse and on miniflare.

import * as fs from "node:fs";
import fsDefault from "node:fs";
import * as promises from "node:fs/promises";
import { Buffer } from "node:buffer";
import process, * as processNames from "node:process";
import consumers from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";

const bytes = (...values) => new Uint8Array(values);
const called = (name, ...args) => new Promise((done, fail) => {
  fs[name](...args, (error, ...rest) => error ? fail(error) : done(rest));
});
const kinds = (one) => ["isFile", "isDirectory", "isSymbolicLink", "isCharacterDevice", "isFIFO", "isSocket", "isBlockDevice"].filter((name) => one[name]());
// Here messages begin with the code, as in Node.js.
const words = ({ message }) => message.replace(/^E[A-Z]+: /, "");
const failure = (run) => { try { run(); return "none"; } catch (error) { return `${error.name} ${error.code} ${error.syscall}: ${words(error)}`; } };
const codeOf = (run) => { try { run(); return "none"; } catch (error) { return error.code; } };

const cases = {
  // ---- what there is
  exports: () => [Object.keys(fs).sort(), Object.keys(promises).sort()],
  "exports: kinds": () => Object.entries(fsDefault).map(([name, value]) => `${name} ${typeof value}`).sort(),
  "the root": () => [fs.readdirSync("/").sort(), fs.readdirSync("/dev").sort(), fs.readdirSync("/tmp").length > 0],
  "the root is read only": () => fs.writeFileSync("/x", "x"),
  "the root: mkdir": () => fs.mkdirSync("/x"),
  "the root: rm": () => fs.rmSync("/tmp", { recursive: true }),
  bundle: () => [fs.statSync("/bundle").isDirectory(), fs.readdirSync("/bundle").length > 0],
  "bundle: write": () => fs.writeFileSync("/bundle/x", "x"),
  "bundle: missing": () => fs.readFileSync("/bundle/none"),
  "bundle: append to a file": () => { const [file] = fs.readdirSync("/bundle"); fs.appendFileSync(`/bundle/${file}`, "x"); },
  "bundle: remove a file": () => { const [file] = fs.readdirSync("/bundle"); fs.unlinkSync(`/bundle/${file}`); },
  constants: () => [fs.constants.O_RDONLY, fs.constants.COPYFILE_EXCL, fs.F_OK, fs.R_OK, fs.W_OK, fs.X_OK, Object.keys(fs.constants).length > 50],
  identities: () => [fs.promises.readFile === promises.readFile, fsDefault.readFileSync === fs.readFileSync, fs.FileReadStream === fs.ReadStream, fs.realpathSync.native === fs.realpathSync],

  // ---- devices
  "dev: null": () => [fs.readFileSync("/dev/null").length, fs.writeFileSync("/dev/null", "abc"), fs.statSync("/dev/null").size],
  "dev: zero": () => { const into = Buffer.alloc(4, 1); const fd = fs.openSync("/dev/zero", "r"); return [fs.readSync(fd, into), into.toString("hex")]; },
  "dev: full": () => fs.writeFileSync("/dev/full", "x"),
  "dev: random": () => { const into = Buffer.alloc(32); fs.readSync(fs.openSync("/dev/random", "r"), into); return into.some((one) => one !== 0); },
  "dev: stat": () => ["null", "zero", "full", "random"].map((name) => { const stat = fs.statSync(`/dev/${name}`); return [kinds(stat), stat.mode, stat.dev, stat.size]; }),
  "dev: entries": () => fs.readdirSync("/dev", { withFileTypes: true }).map((entry) => [entry.name, kinds(entry), entry.parentPath]).sort(),
  "dev: make one": () => fs.writeFileSync("/dev/mine", "x"),

  // ---- whole files
  "write and read": (d) => [fs.writeFileSync(`${d}/a`, "Grüße"), fs.readFileSync(`${d}/a`, "utf8"), fs.readFileSync(`${d}/a`).length, fs.existsSync(`${d}/a`)],
  "read: encodings": (d) => { fs.writeFileSync(`${d}/a`, "hi!"); return ["hex", "base64", "latin1", "utf16le", null].map((encoding) => fs.readFileSync(`${d}/a`, encoding)).map((one) => typeof one === "string" ? one : one.toString()); },
  "read: options": (d) => { fs.writeFileSync(`${d}/a`, "hi!", { encoding: "utf8", mode: 0o600 }); return fs.readFileSync(`${d}/a`, { encoding: "utf8", flag: "r" }); },
  "read: a bad encoding": (d) => fs.readFileSync(`${d}/a`, "none"),
  "read: missing": (d) => fs.readFileSync(`${d}/none`),
  "read: a folder": (d) => fs.readFileSync(d),
  "read: no path": () => fs.readFileSync(undefined),
  "read: a null byte": () => fs.readFileSync("a\0b"),
  "write: bytes": (d) => { fs.writeFileSync(`${d}/a`, bytes(1, 2, 3)); fs.appendFileSync(`${d}/a`, new DataView(bytes(9, 4, 5).buffer, 1)); return fs.readFileSync(`${d}/a`).toString("hex"); },
  "write: hex": (d) => { fs.writeFileSync(`${d}/a`, "00ff", "hex"); return fs.readFileSync(`${d}/a`, "hex"); },
  "write: over": (d) => { fs.writeFileSync(`${d}/a`, "longer text"); fs.writeFileSync(`${d}/a`, "short"); return fs.readFileSync(`${d}/a`, "utf8"); },
  "write: exclusive": (d) => { fs.writeFileSync(`${d}/a`, "x", { flag: "wx" }); return failure(() => fs.writeFileSync(`${d}/a`, "x", { flag: "wx" })); },
  "write: append flag": (d) => { fs.writeFileSync(`${d}/a`, "x", { flag: "a" }); fs.writeFileSync(`${d}/a`, "y", { flag: "a" }); return fs.readFileSync(`${d}/a`, "utf8"); },
  "write: flag to read": (d) => fs.writeFileSync(`${d}/a`, "x", { flag: "r" }),
  "write: no folder": (d) => fs.writeFileSync(`${d}/none/a`, "x"),
  "write: a folder": (d) => fs.writeFileSync(d, "x"),
  "write: no data": (d) => fs.writeFileSync(`${d}/a`, 5),
  "write: a number of bytes": (d) => [fs.writeFileSync(`${d}/a`, "é"), fs.appendFileSync(`${d}/a`, "x")],
  "append: makes one": (d) => { fs.appendFileSync(`${d}/a`, "x"); return fs.readFileSync(`${d}/a`, "utf8"); },
  "paths: kinds": (d) => { fs.writeFileSync(new URL(`file://${d}/a`), "url"); return [fs.readFileSync(Buffer.from(`${d}/a`), "utf8"), fs.readFileSync(`${d}/../${d.split("/").pop()}/./a`, "utf8"), fs.readFileSync(`${d}//a`, "utf8")]; },
  "paths: a URL of the web": () => fs.readFileSync(new URL("https://example.com/a")),
  "paths: a URL with a host": () => fs.readFileSync(new URL("file://host/a")),
  "paths: marks": (d) => { fs.writeFileSync(`${d}/a?b#c`, "x"); return fs.readFileSync(`${d}/a?b#c`, "utf8"); },
  "paths: too long": () => fs.readFileSync(`/tmp/${"x".repeat(5000)}`),
  "paths: too deep": () => fs.readFileSync(`/tmp${"/x".repeat(60)}`),
  "paths: relative": () => fs.readFileSync("none.txt"),
  "open as blob": async (d) => { fs.writeFileSync(`${d}/a`, "blob"); const blob = await fs.openAsBlob(`${d}/a`, { type: "text/plain" }); return [blob.size, blob.type, await blob.text()]; },
  "open as blob: missing": (d) => fs.openAsBlob(`${d}/none`),

  // ---- stat
  "stat: a file": (d) => { fs.writeFileSync(`${d}/a`, "abc"); const stat = fs.statSync(`${d}/a`); return [kinds(stat), stat.size, stat.mode, stat.nlink, stat.uid, stat.dev, stat.blocks, Object.keys(stat).filter((name) => stat[name] !== undefined).sort(), stat.mtime instanceof Date, stat instanceof fs.Stats]; },
  "stat: a folder": (d) => { const stat = fs.statSync(d); return [kinds(stat), stat.size, stat.mode]; },
  "stat: bundle": () => { const stat = fs.statSync("/bundle"); return [stat.mode, stat.mtimeMs, stat.atimeMs]; },
  "stat: bigint": (d) => { fs.writeFileSync(`${d}/a`, "abc"); const stat = fs.statSync(`${d}/a`, { bigint: true }); return [stat.size, stat.mode, typeof stat.mtimeNs, typeof stat.birthtimeMs, Object.keys(stat).sort()]; },
  "stat: missing": (d) => [fs.statSync(`${d}/none`, { throwIfNoEntry: false }), fs.lstatSync(`${d}/none`, { throwIfNoEntry: false })],
  "stat: throws": (d) => fs.statSync(`${d}/none`),
  "lstat: throws": (d) => fs.lstatSync(`${d}/none`),
  "stat: bad options": () => fs.statSync("/", { bigint: 5 }),
  "stat: through a file": (d) => { fs.writeFileSync(`${d}/a`, "x"); return fs.existsSync(`${d}/a/b`); },
  "Stats: not to be made": () => new fs.Stats(),
  statfs: () => [fs.statfsSync("/"), fs.statfsSync("/", { bigint: true })],
  access: (d) => { fs.writeFileSync(`${d}/a`, "x"); return [fs.accessSync(`${d}/a`), fs.accessSync(`${d}/a`, fs.W_OK), failure(() => fs.accessSync(`${d}/a`, fs.X_OK)), failure(() => fs.accessSync("/bundle", fs.W_OK)), failure(() => fs.accessSync(`${d}/none`)), failure(() => fs.accessSync(d, 9)), failure(() => fs.accessSync(d, "x"))]; },
  exists: async (d) => [fs.existsSync(d), fs.existsSync(), fs.existsSync(`${d}/none`), await promisify(fs.exists)(d).catch((error) => error), await new Promise((done) => fs.exists(d, done))],
  "chmod and chown": (d) => { fs.writeFileSync(`${d}/a`, "x"); return [fs.chmodSync(`${d}/a`, 0o777), fs.chmodSync(`${d}/a`, "600"), fs.chownSync(`${d}/a`, 1, 1), fs.lchownSync(`${d}/a`, 1, 1), fs.statSync(`${d}/a`).mode]; },
  "chmod: errors": (d) => [failure(() => fs.chmodSync(d, "x")), failure(() => fs.chmodSync(d)), failure(() => fs.chmodSync(`${d}/none`, 0o777)), failure(() => fs.chownSync(d, "x", 1)), failure(() => fs.chownSync(`${d}/none`, 1, 1)), failure(() => fs.lchmodSync(`${d}/none`, 1))],
  utimes: (d) => {
    fs.writeFileSync(`${d}/a`, "x");
    fs.utimesSync(`${d}/a`, new Date(1000), new Date(2000));
    const first = fs.statSync(`${d}/a`);
    fs.lutimesSync(`${d}/a`, 1000, 5000);
    const fd = fs.openSync(`${d}/a`, "r+");
    const second = fs.fstatSync(fd);
    fs.futimesSync(fd, "2020-01-01", "2021-01-01");
    return [first.mtimeMs, first.ctimeMs, first.mtime.toISOString(), second.mtimeMs, fs.statSync(`${d}/a`).mtime.toISOString()];
  },
  "utimes: errors": (d) => [failure(() => fs.utimesSync(`${d}/none`, 1, 1)), failure(() => fs.utimesSync(d, {}, 1))],

  // ---- folders
  mkdir: (d) => [fs.mkdirSync(`${d}/a`), fs.statSync(`${d}/a`).isDirectory(), fs.mkdirSync(`${d}/a`), failure(() => fs.mkdirSync(`${d}/x/y`))],
  "mkdir: recursive": (d) => [fs.mkdirSync(`${d}/a/b/c`, { recursive: true }), fs.existsSync(`${d}/a/b/c`), fs.mkdirSync(`${d}/a/b/c`, { recursive: true })],
  "mkdir: over a file": (d) => { fs.writeFileSync(`${d}/a`, "x"); return [failure(() => fs.mkdirSync(`${d}/a`)), failure(() => fs.mkdirSync(`${d}/a/b`)), failure(() => fs.mkdirSync(`${d}/a/b`, { recursive: true }))]; },
  "mkdir: bad options": (d) => [failure(() => fs.mkdirSync(`${d}/a`, { recursive: "x" })), failure(() => fs.mkdirSync(`${d}/a`, { mode: "x" })), failure(() => fs.mkdirSync(5))],
  mkdtemp: (d) => { const made = fs.mkdtempSync(`${d}/pre-`); return [made.startsWith(`${d}/pre-`), made.length > d.length + 5, fs.statSync(made).isDirectory()]; },
  "mkdtemp: no folder": (d) => fs.mkdtempSync(`${d}/none/pre-`),
  readdir: (d) => { fs.mkdirSync(`${d}/b`); fs.writeFileSync(`${d}/a`, ""); fs.writeFileSync(`${d}/b/c`, ""); return [fs.readdirSync(d).sort(), fs.readdirSync(d, "buffer").map(String).sort(), fs.readdirSync(d, { encoding: "hex" }).sort()]; },
  "readdir: types": (d) => { fs.mkdirSync(`${d}/b`); fs.writeFileSync(`${d}/a`, ""); fs.symlinkSync(`${d}/a`, `${d}/l`); return fs.readdirSync(d, { withFileTypes: true }).map((entry) => [entry.name, kinds(entry), entry.parentPath, entry instanceof fs.Dirent]).sort(); },
  "readdir: errors": (d) => { fs.writeFileSync(`${d}/a`, ""); return [failure(() => fs.readdirSync(`${d}/none`)), failure(() => fs.readdirSync(`${d}/a`)), failure(() => fs.readdirSync(d, "none")), failure(() => fs.readdirSync(d, { withFileTypes: 1 }))]; },
  opendir: async (d) => {
    fs.writeFileSync(`${d}/a`, "");
    fs.mkdirSync(`${d}/b`);
    const dir = fs.opendirSync(d);
    const seen = [];
    for await (const entry of dir) seen.push([entry.name, kinds(entry)]);
    const other = await promises.opendir(d);
    const first = await other.read();
    await other.close();
    return [seen.sort(), dir.path === d, typeof first.name, failure(() => other.readSync()), failure(() => other.closeSync())];
  },
  "opendir: errors": (d) => [failure(() => fs.opendirSync(`${d}/none`)), failure(() => fs.opendirSync(d, { bufferSize: -1 })), failure(() => new fs.Dir())],
  rmdir: (d) => { fs.mkdirSync(`${d}/a`); fs.mkdirSync(`${d}/b/c`, { recursive: true }); fs.writeFileSync(`${d}/f`, ""); return [fs.rmdirSync(`${d}/a`), failure(() => fs.rmdirSync(`${d}/b`)), failure(() => fs.rmdirSync(`${d}/none`)), failure(() => fs.rmdirSync(`${d}/f`)), fs.rmdirSync(`${d}/b`, { recursive: true }), fs.readdirSync(d)]; },
  rm: (d) => { fs.mkdirSync(`${d}/b/c`, { recursive: true }); fs.writeFileSync(`${d}/f`, ""); return [fs.rmSync(`${d}/f`), failure(() => fs.rmSync(`${d}/b`)), fs.rmSync(`${d}/b`, { recursive: true, force: true }), fs.rmSync(`${d}/none`, { force: true }), fs.readdirSync(d), failure(() => fs.rmSync(`${d}/x/y`)), failure(() => fs.rmSync(d, { maxRetries: -1 }))]; },
  unlink: (d) => { fs.writeFileSync(`${d}/f`, ""); return [fs.unlinkSync(`${d}/f`), fs.existsSync(`${d}/f`), failure(() => fs.unlinkSync(`${d}/f`)), failure(() => fs.unlinkSync(d)), failure(() => fs.unlinkSync(`${d}/x/y`))]; },

  // ---- links
  symlink: (d) => {
    fs.writeFileSync(`${d}/a`, "text");
    fs.symlinkSync(`${d}/a`, `${d}/l`);
    return [fs.readFileSync(`${d}/l`, "utf8"), fs.readlinkSync(`${d}/l`), kinds(fs.lstatSync(`${d}/l`)), kinds(fs.statSync(`${d}/l`)), fs.realpathSync(`${d}/l`), fs.lstatSync(`${d}/l`).mode];
  },
  "symlink: to nothing": (d) => { fs.symlinkSync(`${d}/none`, `${d}/l`); return [fs.existsSync(`${d}/l`), kinds(fs.lstatSync(`${d}/l`)), failure(() => fs.readFileSync(`${d}/l`)), failure(() => fs.statSync(`${d}/l`))]; },
  "symlink: a ring": (d) => { fs.symlinkSync(`${d}/b`, `${d}/a`); fs.symlinkSync(`${d}/a`, `${d}/b`); return failure(() => fs.readFileSync(`${d}/a`)); },
  "symlink: to a folder": (d) => { fs.mkdirSync(`${d}/a`); fs.writeFileSync(`${d}/a/f`, "in"); fs.symlinkSync(`${d}/a`, `${d}/l`, "dir"); return [fs.readFileSync(`${d}/l/f`, "utf8"), fs.statSync(`${d}/l/f`).size]; },
  "symlink: errors": (d) => [failure(() => fs.symlinkSync(d, d)), failure(() => fs.symlinkSync(d, `${d}/l`, "none")), failure(() => fs.symlinkSync(d, `${d}/none/l`)), failure(() => fs.readlinkSync(d)), failure(() => fs.readlinkSync(`${d}/none`)), failure(() => fs.symlinkSync(d, "/bundle/l"))],
  link: (d) => { fs.writeFileSync(`${d}/a`, "one"); fs.linkSync(`${d}/a`, `${d}/b`); fs.appendFileSync(`${d}/b`, " two"); fs.unlinkSync(`${d}/b`); return fs.readFileSync(`${d}/a`, "utf8"); },
  "link: errors": (d) => { fs.writeFileSync(`${d}/a`, ""); return [failure(() => fs.linkSync(`${d}/none`, `${d}/b`)), failure(() => fs.linkSync(d, `${d}/b`)), failure(() => fs.linkSync(`${d}/a`, `${d}/a`)), failure(() => fs.linkSync(`${d}/a`, `${d}/none/b`))]; },
  realpath: (d) => [fs.realpathSync(`${d}/.`), fs.realpathSync.native(d), fs.realpathSync(d, "hex"), failure(() => fs.realpathSync(`${d}/none`))],

  // ---- names and copies
  rename: (d) => { fs.writeFileSync(`${d}/a`, "x"); fs.mkdirSync(`${d}/f`); fs.writeFileSync(`${d}/f/g`, "y"); return [fs.renameSync(`${d}/a`, `${d}/b`), fs.renameSync(`${d}/f`, `${d}/h`), fs.readdirSync(d).sort(), fs.readFileSync(`${d}/b`, "utf8")]; },
  "rename: errors": (d) => { fs.writeFileSync(`${d}/a`, "x"); return [failure(() => fs.renameSync(`${d}/none`, `${d}/b`)), failure(() => fs.renameSync(`${d}/a`, "/bundle/a")), failure(() => fs.renameSync("/dev/null", `${d}/null`))]; },
  copyFile: (d) => { fs.writeFileSync(`${d}/a`, "x"); fs.copyFileSync(`${d}/a`, `${d}/b`); fs.writeFileSync(`${d}/a`, "y"); return [fs.readFileSync(`${d}/b`, "utf8"), failure(() => fs.copyFileSync(`${d}/a`, `${d}/b`, fs.constants.COPYFILE_EXCL)), failure(() => fs.copyFileSync(`${d}/none`, `${d}/c`)), failure(() => fs.copyFileSync(d, `${d}/c`)), failure(() => fs.copyFileSync(`${d}/a`, `${d}/c`, fs.constants.COPYFILE_FICLONE_FORCE)), failure(() => fs.copyFileSync(`${d}/a`, `${d}/c`, 99))]; },
  "copyFile: from bundle": (d) => { const [file] = fs.readdirSync("/bundle"); fs.copyFileSync(`/bundle/${file}`, `${d}/copy`); fs.appendFileSync(`${d}/copy`, "!"); return fs.statSync(`${d}/copy`).size - fs.statSync(`/bundle/${file}`).size; },
  cp: (d) => {
    fs.mkdirSync(`${d}/a/b`, { recursive: true });
    fs.writeFileSync(`${d}/a/f`, "f");
    fs.writeFileSync(`${d}/a/b/g`, "g");
    fs.symlinkSync(`${d}/a/f`, `${d}/a/l`);
    fs.cpSync(`${d}/a`, `${d}/c`, { recursive: true });
    fs.cpSync(`${d}/a/f`, `${d}/new/f`);
    return [fs.readdirSync(`${d}/c`).sort(), fs.readFileSync(`${d}/c/b/g`, "utf8"), kinds(fs.lstatSync(`${d}/c/l`)), fs.readFileSync(`${d}/new/f`, "utf8")];
  },
  "cp: errors": (d) => {
    fs.mkdirSync(`${d}/a`);
    fs.writeFileSync(`${d}/f`, "f");
    fs.writeFileSync(`${d}/g`, "g");
    return [
      failure(() => fs.cpSync(`${d}/a`, `${d}/b`)), failure(() => fs.cpSync(`${d}/none`, `${d}/b`)), failure(() => fs.cpSync(`${d}/f`, `${d}/f`)),
      failure(() => fs.cpSync(`${d}/a`, `${d}/a/b`, { recursive: true })), failure(() => fs.cpSync(`${d}/f`, `${d}/a`)), failure(() => fs.cpSync(`${d}/a`, `${d}/f`, { recursive: true })),
      failure(() => fs.cpSync(`${d}/f`, `${d}/g`, { force: false, errorOnExist: true })), failure(() => fs.cpSync(`${d}/f`, `${d}/g`, { force: false })), fs.readFileSync(`${d}/g`, "utf8"),
      failure(() => fs.cpSync(`${d}/f`, `${d}/g`)), fs.readFileSync(`${d}/g`, "utf8"), failure(() => fs.cpSync(`${d}/f`, `${d}/h`, { filter: () => true })), failure(() => fs.cpSync(`${d}/f`, "/bundle/f")),
    ];
  },
  truncate: (d) => { fs.writeFileSync(`${d}/a`, "abcdef"); fs.truncateSync(`${d}/a`, 3); const short = fs.readFileSync(`${d}/a`, "utf8"); fs.truncateSync(`${d}/a`, 5); return [short, fs.readFileSync(`${d}/a`, "hex"), failure(() => fs.truncateSync(`${d}/none`)), failure(() => fs.truncateSync(d)), failure(() => fs.truncateSync(`${d}/a`, -1))]; },
  "too large": (d) => { fs.writeFileSync(`${d}/a`, ""); return failure(() => fs.truncateSync(`${d}/a`, 200 * 1024 * 1024)); },

  // ---- open files
  "open, write, read, close": (d) => {
    const fd = fs.openSync(`${d}/a`, "w+");
    const wrote = [fs.writeSync(fd, "hello"), fs.writeSync(fd, " world", null, "utf8"), fs.writeSync(fd, "J", 0)];
    const into = Buffer.alloc(20);
    const read = [fs.readSync(fd, into, 0, 5, 0), into.toString("utf8", 0, 5), fs.readSync(fd, into, 0, 20, 6), into.toString("utf8", 0, 5), fs.readSync(fd, into)];
    return [typeof fd, wrote, read, fs.closeSync(fd), failure(() => fs.readSync(fd, into)), failure(() => fs.fstatSync(fd))];
  },
  "read: forms": (d) => {
    fs.writeFileSync(`${d}/a`, "abcdefgh");
    const fd = fs.openSync(`${d}/a`, "r");
    const into = Buffer.alloc(8);
    return [fs.readSync(fd, into, { length: 3 }), fs.readSync(fd, into, { offset: 3, length: 2, position: 4 }), into.toString("utf8", 0, 5), fs.readSync(fd, into, 6), into.toString("utf8", 6), fs.readSync(fd, new Uint16Array(2), 0, 4, 0n), fs.readSync(fd, into, 0, 0)];
  },
  "read: errors": (d) => {
    fs.writeFileSync(`${d}/a`, "abc");
    const fd = fs.openSync(`${d}/a`, "r");
    const only = fs.openSync(`${d}/b`, "w");
    const into = Buffer.alloc(4);
    return [failure(() => fs.readSync(fd, "x")), failure(() => fs.readSync(fd, into, "x")), failure(() => fs.readSync(fd, into, 0, 4, "x")), failure(() => fs.readSync(fd, into, -1)), failure(() => fs.readSync(only, into)), failure(() => fs.readSync("x", into)), failure(() => fs.readSync(999, into)), failure(() => fs.readSync(fs.openSync(d, "r"), into))];
  },
  "write: forms": (d) => {
    const fd = fs.openSync(`${d}/a`, "w");
    const wrote = [fs.writeSync(fd, bytes(65, 66, 67)), fs.writeSync(fd, bytes(65, 66, 67), 1), fs.writeSync(fd, bytes(68, 69, 70), { length: 2 }), fs.writevSync(fd, [bytes(71), bytes(72, 73)]), fs.writevSync(fd, [bytes(120)], 0), fs.writevSync(fd, [])];
    return [wrote, fs.readFileSync(`${d}/a`, "utf8")];
  },
  "write: errors": (d) => {
    const fd = fs.openSync(`${d}/a`, "w");
    return [failure(() => fs.writeSync(fd, 5)), failure(() => fs.writeSync(fd, bytes(1), 0, 5)), failure(() => fs.writeSync(fd, bytes(1), 0, 1, "x")), failure(() => fs.writevSync(fd, "x")), failure(() => fs.writevSync(fd, ["x"])), failure(() => fs.writeSync(999, "x"))];
  },
  readv: (d) => { fs.writeFileSync(`${d}/a`, "abcdef"); const fd = fs.openSync(`${d}/a`); const views = [Buffer.alloc(2), Buffer.alloc(3)]; return [fs.readvSync(fd, views), views.map(String), fs.readvSync(fd, [Buffer.alloc(5)]), fs.readvSync(fd, [views[0]], 3), String(views[0]), fs.readvSync(fd, [])]; },
  "open: flags": (d) => {
    fs.writeFileSync(`${d}/a`, "abc");
    const fd = fs.openSync(`${d}/a`, "a+");
    fs.writeSync(fd, "d", 0);
    return [fs.readFileSync(`${d}/a`, "utf8"), failure(() => fs.openSync(`${d}/a`, "wx")), failure(() => fs.openSync(`${d}/a`, "none")), failure(() => fs.openSync(`${d}/a`, "r", "x")), failure(() => fs.openSync(d, "w")), failure(() => fs.openSync("/bundle/x", "w")), typeof fs.openSync(d, "r")];
  },
  "open: numbers": (d) => { const { O_CREAT, O_RDWR, O_EXCL } = fs.constants; const fd = fs.openSync(`${d}/a`, O_CREAT | O_RDWR); fs.writeSync(fd, "x"); return [fs.readFileSync(`${d}/a`, "utf8"), failure(() => fs.openSync(`${d}/a`, O_CREAT | O_RDWR | O_EXCL))]; },
  "files by number": (d) => { const fd = fs.openSync(`${d}/a`, "w+"); fs.writeFileSync(fd, "one"); fs.appendFileSync(fd, " two"); return [fs.readFileSync(fd, "utf8"), fs.fstatSync(fd).size, fs.ftruncateSync(fd, 2), fs.readFileSync(fd, "utf8"), fs.fsyncSync(fd), fs.fdatasyncSync(fd), fs.fchmodSync(fd, 0o600), fs.fchownSync(fd, 1, 1)]; },
  "files by number: errors": () => ["fstatSync", "fsyncSync", "fdatasyncSync", "ftruncateSync"].map((name) => [name, failure(() => fs[name](999)), failure(() => fs[name]("x")), failure(() => fs[name](-1))]),
  "close: unknown": () => [fs.closeSync(999), failure(() => fs.closeSync("x")), fs.closeSync(1)],
  "removed while open": (d) => { fs.writeFileSync(`${d}/a`, "still"); const fd = fs.openSync(`${d}/a`); fs.unlinkSync(`${d}/a`); return fs.readFileSync(fd, "utf8"); },
  "not there": () => ["watch", "watchFile", "unwatchFile"].map((name) => failure(() => fs[name]("/tmp/x", () => {}))),

  // ---- as in Node.js here, and not on workerd
  "own: rename: a folder": (d) => { fs.mkdirSync(`${d}/f`); fs.writeFileSync(`${d}/f/g`, "y"); fs.renameSync(`${d}/f`, `${d}/h`); return fs.readFileSync(`${d}/h/g`, "utf8"); },
  "own: rename: over a file": (d) => { fs.writeFileSync(`${d}/a`, "new"); fs.writeFileSync(`${d}/b`, "old"); fs.renameSync(`${d}/a`, `${d}/b`); return [fs.readFileSync(`${d}/b`, "utf8"), fs.readdirSync(d)]; },
  "own: rename: over folders": (d) => { fs.mkdirSync(`${d}/a`); fs.mkdirSync(`${d}/b/c`, { recursive: true }); fs.writeFileSync(`${d}/f`, ""); return [failure(() => fs.renameSync(`${d}/a`, `${d}/b`)), failure(() => fs.renameSync(`${d}/f`, `${d}/a`)), failure(() => fs.renameSync(`${d}/a`, `${d}/f`)), failure(() => fs.renameSync(`${d}/b`, `${d}/b/x`))]; },
  "own: copyFile: over a file": (d) => { fs.writeFileSync(`${d}/a`, "new"); fs.writeFileSync(`${d}/b`, "longer, old"); fs.copyFileSync(`${d}/a`, `${d}/b`); return fs.readFileSync(`${d}/b`, "utf8"); },
  "own: open: missing": (d) => [codeOf(() => fs.openSync(`${d}/none`)), codeOf(() => fs.openSync(`${d}/none`, "r+")), fs.existsSync(`${d}/none`)],
  "own: open: w empties it": (d) => { fs.writeFileSync(`${d}/a`, "longer"); fs.writeSync(fs.openSync(`${d}/a`, "w"), "new"); return fs.readFileSync(`${d}/a`, "utf8"); },
  "own: write: opened to read": (d) => { fs.writeFileSync(`${d}/a`, ""); return failure(() => fs.writeSync(fs.openSync(`${d}/a`, "r"), "x")); },
  "own: write: a part of a larger buffer": (d) => { const whole = Buffer.from("0123456789"); const fd = fs.openSync(`${d}/a`, "w"); return [fs.writeSync(fd, whole.subarray(4, 8)), fs.writeSync(fd, whole, 8), fs.readFileSync(`${d}/a`, "utf8")]; },
  "own: createReadStream: missing": (d) => new Promise((done) => fs.createReadStream(`${d}/none`).on("error", (error) => done([error.code, error.syscall])).on("end", () => done("end")).resume()),
  "own: createWriteStream: flags": async (d) => { fs.writeFileSync(`${d}/a`, "one"); const stream = fs.createWriteStream(`${d}/a`, { flags: "a" }); stream.end(" two"); await new Promise((done) => stream.on("close", done)); return fs.readFileSync(`${d}/a`, "utf8"); },
  "own: mkdir: recursive, one": (d) => fs.mkdirSync(`${d}/a`, { recursive: true })?.slice(d.length),
  "own: readdir: recursive": (d) => { fs.mkdirSync(`${d}/a/b`, { recursive: true }); fs.writeFileSync(`${d}/a/b/c`, ""); return [fs.readdirSync(d, { recursive: true }), fs.readdirSync(d, { recursive: true, withFileTypes: true }).map((entry) => entry.name)]; },
  "own: names": (d) => { fs.writeFileSync(`${d}/ä b%20`, "x"); return [fs.readdirSync(d), fs.readFileSync(`${d}/ä b%20`, "utf8")]; },
  "own: links": (d) => { fs.mkdirSync(`${d}/a`); fs.writeFileSync(`${d}/a/f`, "in"); fs.symlinkSync(`${d}/a`, `${d}/l`); fs.symlinkSync(`${d}/l`, `${d}/m`); fs.symlinkSync(`${d}/none`, `${d}/n`); return [kinds(fs.lstatSync(`${d}/l/f`)), fs.realpathSync(`${d}/m/f`).slice(d.length), fs.readdirSync(`${d}/l`), fs.unlinkSync(`${d}/n`), fs.unlinkSync(`${d}/l`), fs.readdirSync(d).sort()]; },
  "own: rm: force, no folder": (d) => fs.rmSync(`${d}/none/x`, { force: true }),
  "own: encodings": (d) => { fs.writeFileSync(`${d}/a`, "x"); return [String(fs.readFileSync(`${d}/a`, "buffer")), String(fs.realpathSync(d, "buffer")).length > 5]; },
  "own: numbers of files": (d) => { fs.writeFileSync(`${d}/a`, ""); fs.writeFileSync(`${d}/b`, ""); fs.linkSync(`${d}/a`, `${d}/c`); const [a, b, c] = ["a", "b", "c"].map((name) => fs.statSync(`${d}/${name}`).ino); return [a === b, a === c, a > 0]; },
  "own: times": (d) => { const before = Date.now(); fs.writeFileSync(`${d}/a`, "x"); const { mtimeMs, birthtimeMs } = fs.statSync(`${d}/a`); return [mtimeMs >= before, birthtimeMs >= before]; },

  // ---- callbacks
  "callbacks: files": async (d) => [await called("writeFile", `${d}/a`, "x"), await called("appendFile", `${d}/a`, "y"), String(await called("readFile", `${d}/a`)), await called("readFile", `${d}/a`, "utf8"), await called("readFile", `${d}/a`, { encoding: "hex" }), (await called("stat", `${d}/a`))[0].size, await called("unlink", `${d}/a`), await called("readdir", d)],
  "callbacks: folders": async (d) => [await called("mkdir", `${d}/a`), await called("mkdir", `${d}/a/b/c`, { recursive: true }), (await called("mkdtemp", `${d}/t`))[0].startsWith(d), await called("rmdir", `${d}/a/b/c`), await called("rm", `${d}/a`, { recursive: true }), typeof (await called("opendir", d))[0].readSync().name, await called("access", d)],
  "callbacks: links": async (d) => { fs.writeFileSync(`${d}/a`, "x"); return [await called("symlink", `${d}/a`, `${d}/l`), await called("readlink", `${d}/l`), await called("realpath", `${d}/l`), await called("link", `${d}/a`, `${d}/h`), (await called("lstat", `${d}/l`))[0].isSymbolicLink(), await called("rename", `${d}/h`, `${d}/i`), await called("copyFile", `${d}/i`, `${d}/j`), await called("cp", `${d}/i`, `${d}/k`), await called("truncate", `${d}/k`), await called("utimes", `${d}/k`, 1, 1), await called("chmod", `${d}/k`, 0o600), await called("chown", `${d}/k`, 1, 1), await called("statfs", d)]; },
  "callbacks: open files": async (d) => {
    const [fd] = await called("open", `${d}/a`, "w+");
    const wrote = await called("write", fd, "abcdef");
    const more = await called("write", fd, bytes(120, 121), 1, 1, 0);
    const into = Buffer.alloc(4);
    const read = await called("read", fd, into, 0, 4, 0);
    const other = await called("read", fd, { buffer: Buffer.alloc(2), position: 1 });
    const vectors = [await called("writev", fd, [bytes(65)]), await called("readv", fd, [Buffer.alloc(2)], 0)];
    return [wrote[0], String(wrote[1]), more[0], read[0], String(read[1]), other[0], String(other[1]), vectors[0][0], String(vectors[1][1]), (await called("fstat", fd))[0].size, await called("ftruncate", fd, 1), await called("fsync", fd), await called("close", fd)];
  },
  "callbacks: errors": async (d) => [await called("readFile", `${d}/none`).catch((error) => [error.code, error.syscall, words(error)]), await called("mkdir", `${d}/x/y`).catch((error) => error.code), failure(() => fs.readFile(5, "none", () => {})), failure(() => fs.stat(d)), failure(() => fs.stat(d, "x", () => {})), failure(() => fs.readdir(d, {})), failure(() => fs.writeFile(`${d}/a`, "x"))],
  "callbacks: later": async (d) => { const order = []; await new Promise((done) => { fs.stat(d, () => { order.push("called"); done(); }); order.push("returned"); }); return order; },
  "callbacks: promisify": async (d) => { await promisify(fs.writeFile)(`${d}/a`, "x"); return promisify(fs.readFile)(`${d}/a`, "utf8"); },

  // ---- promises
  "promises: files": async (d) => [await promises.writeFile(`${d}/a`, "x"), await promises.appendFile(`${d}/a`, "y"), await promises.readFile(`${d}/a`, "utf8"), String(await promises.readFile(`${d}/a`)), (await promises.stat(`${d}/a`)).size, await promises.access(`${d}/a`), await promises.copyFile(`${d}/a`, `${d}/b`), await promises.rename(`${d}/b`, `${d}/c`), await promises.truncate(`${d}/c`, 1), await promises.unlink(`${d}/a`), await promises.readdir(d)],
  "promises: folders": async (d) => [await promises.mkdir(`${d}/a`), typeof await promises.mkdtemp(`${d}/t`), await promises.symlink(`${d}/a`, `${d}/l`), await promises.readlink(`${d}/l`), await promises.realpath(`${d}/a`), (await promises.lstat(`${d}/l`)).isSymbolicLink(), await promises.rm(`${d}/l`), await promises.rmdir(`${d}/a`, {}), await promises.cp(d, `${d}2`, { recursive: true }), await promises.chmod(d, 0o700), await promises.utimes(d, 1, 1), await promises.statfs(d)],
  "promises: reject": async (d) => Promise.all([promises.readFile(`${d}/none`), promises.readFile(5.5), promises.mkdir(5), promises.open(`${d}/x`, "none"), promises.stat(`${d}/none`)].map((one) => one.catch((error) => [error.name, error.code, words(error)]))),
  "promises: watch": () => promises.watch("/tmp"),
  FileHandle: async (d) => {
    const file = await promises.open(`${d}/a`, "w+");
    const wrote = await file.write("hello");
    const more = [(await file.write(bytes(33))).bytesWritten, (await file.writev([bytes(63)])).bytesWritten];
    const read = await file.read(Buffer.alloc(5), 0, 5, 0);
    const [first] = (await file.readv([Buffer.alloc(3)], 1)).buffers;
    const stat = await file.stat();
    await file.truncate(3);
    const rest = [await file.readFile("utf8"), await file.appendFile("!"), await file.sync(), await file.datasync(), await file.chmod(0o600), await file.chown(1, 1), await file.utimes(1, 1000)];
    let closed = 0;
    file.on("close", () => closed++);
    await file.close();
    return [wrote.bytesWritten, String(wrote.buffer), more, read.bytesRead, String(read.buffer), String(first), stat.size, rest, closed, file.fd, await file.stat().catch((error) => [error.code, error.syscall, words(error)]), await file.close()];
  },
  "FileHandle: not to be made": () => new promises.FileHandle(),
  "FileHandle: streams": async (d) => {
    const file = await promises.open(`${d}/a`, "w+");
    const out = file.createWriteStream();
    out.end("streamed");
    await new Promise((done) => out.on("close", done));
    const again = await promises.open(`${d}/a`);
    const text = await consumers.text(again.createReadStream({ encoding: "utf8" }));
    const third = await promises.open(`${d}/a`);
    return [text, await new Response(third.readableWebStream()).text()];
  },
  "FileHandle: dispose": async (d) => { const file = await promises.open(`${d}/a`, "w"); await file[Symbol.asyncDispose](); return file.fd; },

  // ---- streams
  createWriteStream: async (d) => {
    const stream = fs.createWriteStream(`${d}/a`);
    const events = [];
    for (const name of ["open", "ready", "finish", "close"]) stream.on(name, () => events.push(name));
    stream.write("one ");
    stream.write(Buffer.from("two "));
    stream.end("three");
    await new Promise((done) => stream.on("close", done));
    return [events, fs.readFileSync(`${d}/a`, "utf8"), stream.bytesWritten, stream.path, stream instanceof fs.WriteStream];
  },
  createReadStream: async (d) => {
    fs.writeFileSync(`${d}/a`, "0123456789".repeat(20000));
    const stream = fs.createReadStream(`${d}/a`);
    let total = 0;
    const sizes = new Set();
    for await (const chunk of stream) { total += chunk.length; sizes.add(chunk.length); }
    return [total, [...sizes].sort(), stream.bytesRead, stream.path === `${d}/a`, stream instanceof fs.ReadStream, stream.closed];
  },
  "createReadStream: a part": async (d) => { fs.writeFileSync(`${d}/a`, "0123456789"); return [await consumers.text(fs.createReadStream(`${d}/a`, { start: 2, end: 5 })), await consumers.text(fs.createReadStream(`${d}/a`, { start: 8 })), await consumers.text(fs.createReadStream(`${d}/a`, { encoding: "utf8", highWaterMark: 3 }))]; },
  "createReadStream: errors": (d) => [failure(() => fs.createReadStream(`${d}/a`, { start: 5, end: 2 })), failure(() => fs.createReadStream(5))],
  "streams: pipeline": async (d) => { fs.writeFileSync(`${d}/a`, "piped"); await pipeline(fs.createReadStream(`${d}/a`), fs.createWriteStream(`${d}/b`)); return fs.readFileSync(`${d}/b`, "utf8"); },
  "streams: by number": async (d) => { fs.writeFileSync(`${d}/a`, "by number"); return consumers.text(fs.createReadStream("", { fd: fs.openSync(`${d}/a`), autoClose: true })); },

  // ---- glob
  glob: async (d) => {
    for (const path of ["a.js", "b.ts", "sub/c.js", "sub/deep/d.js", "sub/e.txt"]) { fs.mkdirSync(`${d}/${path}`.split("/").slice(0, -1).join("/"), { recursive: true }); fs.writeFileSync(`${d}/${path}`, ""); }
    const find = (pattern, options) => fs.globSync(pattern, { cwd: d, ...options }).sort();
    const seen = [];
    for await (const path of promises.glob("**/*.js", { cwd: d })) seen.push(path);
    return [find("*.js"), find("**/*.js"), find("**"), find("*.{js,ts}"), find("sub/**/*.js"), find("?.js"), find("[ab].*"), find("[!a].*"), find("@(a|b).*"), find("!(a).*"), find("sub/*"), find(["a.js", "b.ts"]), find("**/*.js", { exclude: ["sub/**"] }), find("**/*.js", { exclude: (path) => path.includes("deep") }), find("none"), seen.sort(), (await called("glob", "*.js", { cwd: d }))[0], fs.globSync("sub/*.txt", { cwd: d, withFileTypes: true }).map((entry) => [entry.name, entry.parentPath, kinds(entry)])];
  },

  // ---- process
  "process: names": () => [Object.keys(process).sort(), Object.keys(processNames).sort()],
  "process: kinds": () => Object.keys(process).sort().map((name) => `${name} ${typeof process[name]}`),
  "process: features and config": () => [process.features, process.config, process.release, process.versions, process.report],
  "process: nothing of it": () => [process.memoryUsage(), process.resourceUsage(), process.constrainedMemory(), process.availableMemory(), process.execPath, process.execArgv, process.exitCode, process.connected, process.channel, process.debugPort, process.getgroups(), process.getuid(), process.moduleLoadList, process.send("x"), process.getSourceMapsSupport()],
  "process: throws": () => ["kill", "binding", "dlopen", "cpuUsage", "threadCpuUsage", "getActiveResourcesInfo", "setUncaughtExceptionCaptureCallback", "hasUncaughtExceptionCaptureCallback", "execve", "_kill", "_linkedBinding"].map((name) => failure(() => process[name]())),
  "process: parts that throw": () => [failure(() => process.permission.has("fs")), failure(() => process.finalization.register({})), failure(() => process.report.writeReport())],
  "process: users": () => [process.setuid(0), failure(() => process.setuid(5)), failure(() => process.setgroups([1])), failure(() => process.initgroups("a", 1))],
  "process: umask": () => [process.umask(), process.umask(0o77), process.umask("77"), failure(() => process.umask("9")), failure(() => process.umask({})), failure(() => process.umask(-1))],
  "process: chdir": (d) => {
    const before = process.cwd();
    fs.writeFileSync(`${d}/a`, "here");
    process.chdir(d);
    const seen = [process.cwd() === d, fs.readFileSync("a", "utf8"), fs.existsSync("./a")];
    process.chdir("..");
    const parent = process.cwd();
    process.chdir(before);
    return [before, seen, parent, codeOf(() => process.chdir(`${d}/none`)), failure(() => process.chdir(5)), failure(() => process.chdir(""))];
  },
  "process: hrtime": () => { const [seconds, nanoseconds] = process.hrtime(); return [seconds > 1.7e9, nanoseconds < 1e9, process.hrtime([seconds - 5, 0])[0] >= 5, typeof process.hrtime.bigint(), failure(() => process.hrtime(5)), failure(() => process.hrtime([1]))]; },
  "process: warnings": async () => {
    const seen = [];
    process.on("warning", (warning) => seen.push([warning.name, warning.message, warning.code, warning.detail]));
    process.emitWarning("one");
    process.emitWarning("two", "Kind", "CODE");
    process.emitWarning("three", { type: "Other", code: "C", detail: "more" });
    process.emitWarning(new TypeError("four"));
    await new Promise((done) => setTimeout(done, 1));
    process.removeAllListeners("warning");
    return [seen, failure(() => process.emitWarning(5)), failure(() => process.emitWarning("x", 5))];
  },
  "process: env": () => {
    process.env.ADDED = 5;
    return [process.env.TEXT, process.env.ADDED, delete process.env.ADDED, process.env.ADDED, failure(() => { process.env.X = Symbol("x"); }), failure(() => Object.defineProperty(process.env, "Y", { value: 1 })), failure(() => Object.defineProperty(process.env, "Y", { get: () => 1 })), Object.defineProperty(process.env, "Z", { value: 1, writable: true, enumerable: true, configurable: true }).Z];
  },
  "process: loadEnvFile": (d) => { fs.writeFileSync(`${d}/.env`, "ONE=1\nTWO='two'\n# no\n"); process.loadEnvFile(`${d}/.env`); return [process.env.ONE, process.env.TWO, failure(() => process.loadEnvFile(`${d}/none`))]; },
  "process: getBuiltinModule": () => [process.getBuiltinModule("fs") === fsDefault, process.getBuiltinModule("node:fs") === fsDefault, process.getBuiltinModule("none")],
  "process: events": () => { let seen; process.once("mine", (value) => { seen = value; }); return [process.emit("mine", 5), seen, process.listenerCount("mine"), typeof process.on, Object.prototype.toString.call(process)]; },
  "process: streams": async () => {
    const wrote = await new Promise((done) => process.stdout.write("", done));
    const read = [];
    for await (const chunk of process.stdin) read.push(chunk);
    return [process.stdout.fd, process.stderr.fd, process.stdin.fd, process.stdout._type, process.stdout._isStdio, process.stdout.writable, process.stdout.readable, process.stdout.isTTY, wrote, read, typeof process.stdout.on, process.openStdin() === process.stdin];
  },
  "process: unhandledRejection": async () => {
    const seen = [];
    process.once("unhandledRejection", (reason) => seen.push(String(reason)));
    Promise.reject(new Error("nobody"));
    await new Promise((done) => setTimeout(done, 10));
    return seen;
  },
  "the standard streams by number": () => [fs.writeSync(1, ""), fs.fstatSync(1).size, kinds(fs.fstatSync(1)), fs.readFileSync(0).length],
};

function shown(value) {
  return value === undefined ? null : JSON.parse(JSON.stringify(value, (_key, one) => (typeof one === "bigint" ? `${one}n` : one)) ?? "null");
}

async function run(code, folder) {
  try {
    fs.mkdirSync(folder);
    return shown(await code(folder));
  } catch (error) {
    return `${error.name} ${error.code} ${error.syscall} ${error.path}: ${words(error)}`;
  }
}

export default {
  async fetch() {
    const answers = {};
    let number = 0;
    for (const name in cases) answers[name] = await run(cases[name], `/tmp/case${number++}`);
    return Response.json(answers);
  },
};
