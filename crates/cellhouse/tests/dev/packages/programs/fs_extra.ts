import fse from "fs-extra";
import { equal, fails, program } from "./check";

const D = "/tmp/extra";

export default program({
  async "outputFile, outputJson, readJson"() {
    await fse.outputFile(`${D}/a/b/c.txt`, "text");
    await fse.outputJson(`${D}/a/data.json`, { a: 1 }, { spaces: 2 });
    equal(await fse.readJson(`${D}/a/data.json`), { a: 1 });
    fse.outputFileSync(`${D}/s/t.txt`, "sync");
    equal(fse.readFileSync(`${D}/s/t.txt`, "utf8"), "sync");
    await fails(() => fse.readJson(`${D}/none.json`), "no such file");
  },
  async "copy, move"() {
    await fse.copy(`${D}/a`, `${D}/copy`);
    equal(await fse.readFile(`${D}/copy/b/c.txt`, "utf8"), "text");
    await fse.copy(`${D}/a`, `${D}/some`, { filter: (path: string) => !path.endsWith(".json") });
    equal(fse.readdirSync(`${D}/some`), ["b"]);
    await fse.move(`${D}/copy`, `${D}/moved/here`);
    equal(await fse.pathExists(`${D}/copy`), false);
    equal(fse.readdirSync(`${D}/moved/here`).sort(), ["b", "data.json"]);
    await fails(() => fse.move(`${D}/a/data.json`, `${D}/s/t.txt`), "dest already exists");
    await fse.move(`${D}/a/data.json`, `${D}/s/t.txt`, { overwrite: true });
    equal(fse.readJsonSync(`${D}/s/t.txt`), { a: 1 });
  },
  async "ensureDir, emptyDir, remove"() {
    await fse.ensureDir(`${D}/new/deep`);
    await fse.ensureFile(`${D}/new/deep/file`);
    await fse.ensureSymlink(`${D}/new/deep/file`, `${D}/new/link`);
    equal(await fse.readlink(`${D}/new/link`), `${D}/new/deep/file`);
    await fse.emptyDir(`${D}/new`);
    equal(fse.readdirSync(`${D}/new`), []);
    await fse.remove(D);
    equal(fse.existsSync(D), false);
  },
});
