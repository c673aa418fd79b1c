import AdmZip from "adm-zip";
import fs from "node:fs";
import { equal, fails, program } from "./check";

export default program({
  "write, read"() {
    fs.mkdirSync("/tmp/zip/in/deep", { recursive: true });
    fs.writeFileSync("/tmp/zip/in/a.txt", "a".repeat(1000));
    fs.writeFileSync("/tmp/zip/in/deep/b.txt", "b");
    const zip = new AdmZip();
    zip.addFile("hello.txt", Buffer.from("hello"), "a comment");
    zip.addLocalFile("/tmp/zip/in/a.txt");
    zip.addLocalFolder("/tmp/zip/in", "folder");
    zip.writeZip("/tmp/zip/out.zip");
    const read = new AdmZip("/tmp/zip/out.zip");
    equal(read.getEntries().map((entry) => entry.entryName).sort(), ["a.txt", "folder/a.txt", "folder/deep/", "folder/deep/b.txt", "hello.txt"]);
    equal(read.readAsText("folder/deep/b.txt"), "b");
    equal(read.getEntry("hello.txt")?.comment, "a comment");
  },
  "extract"() {
    const zip = new AdmZip("/tmp/zip/out.zip");
    zip.extractAllTo("/tmp/zip/all", true);
    equal(fs.readFileSync("/tmp/zip/all/folder/a.txt", "utf8").length, 1000);
    equal(zip.extractEntryTo("hello.txt", "/tmp/zip/one", false, true), true);
    equal(fs.readFileSync("/tmp/zip/one/hello.txt", "utf8"), "hello");
  },
  async "promises"() {
    const zip = new AdmZip();
    await zip.addLocalFolderPromise("/tmp/zip/in", {});
    equal(await zip.writeZipPromise("/tmp/zip/later.zip", { overwrite: true }), true);
    equal(new AdmZip("/tmp/zip/later.zip").readAsText("a.txt").length, 1000);
  },
  async "not a zip"() {
    fs.writeFileSync("/tmp/zip/none.zip", "no zip");
    await fails(() => new AdmZip("/tmp/zip/none.zip").getEntries(), "Invalid");
    await fails(() => new AdmZip("/tmp/zip/missing.zip"), "Invalid filename");
  },
});
