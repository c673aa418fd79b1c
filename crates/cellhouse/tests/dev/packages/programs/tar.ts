import fs from "node:fs";
import { pipeline } from "node:stream/promises";
import * as tar from "tar";
import { equal, fails, program } from "./check";

const IN = "/tmp/tar/in";

export default program({
  async "create, list, extract"() {
    fs.mkdirSync(`${IN}/deep`, { recursive: true });
    fs.writeFileSync(`${IN}/a.txt`, "a".repeat(100_000));
    fs.writeFileSync(`${IN}/deep/b.txt`, "b");
    await tar.create({ gzip: true, file: "/tmp/tar/out.tgz", cwd: IN }, ["."]);
    const names: string[] = [];
    await tar.list({ file: "/tmp/tar/out.tgz", onReadEntry: (entry) => names.push(entry.path) });
    equal(names.sort(), ["./", "./a.txt", "./deep/", "./deep/b.txt"]);
    fs.mkdirSync("/tmp/tar/all", { recursive: true });
    await tar.extract({ file: "/tmp/tar/out.tgz", cwd: "/tmp/tar/all" });
    equal(fs.readFileSync("/tmp/tar/all/a.txt").length, 100_000);
    equal(fs.readFileSync("/tmp/tar/all/deep/b.txt", "utf8"), "b");
  },
  "sync"() {
    tar.create({ sync: true, file: "/tmp/tar/sync.tar", cwd: IN }, ["a.txt", "deep"]);
    fs.mkdirSync("/tmp/tar/sync", { recursive: true });
    tar.extract({ sync: true, file: "/tmp/tar/sync.tar", cwd: "/tmp/tar/sync", strip: 0 });
    equal(fs.readdirSync("/tmp/tar/sync").sort(), ["a.txt", "deep"]);
  },
  async "streams, filter"() {
    fs.mkdirSync("/tmp/tar/some", { recursive: true });
    const source = tar.create({ gzip: true, cwd: IN }, ["."]);
    const target = tar.extract({ cwd: "/tmp/tar/some", filter: (path) => !path.includes("a.txt") });
    await pipeline(source as any, target as any);
    equal(fs.readdirSync("/tmp/tar/some"), ["deep"]);
  },
  async "missing"() {
    await fails(() => tar.list({ file: "/tmp/tar/none.tar" }), "no such file");
  },
});
