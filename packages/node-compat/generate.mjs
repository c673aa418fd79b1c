// Makes `generated/` from the packages that hold the modules of Node.js: Deno's crate `deno_node`, of which it
// takes the scripts and none of the Rust, and `unenv` from npm, for modules that are there and do nothing.
//
//   node generate.mjs           writes generated/
//   node generate.mjs --check   fails if generated/ is not what it would write
//
// Types, comments and blanks go; each script becomes one expression, as the runtime's scripts are.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import {
  ADAPTED, DENO_NODE, DENO_SCRIPTS, MODULES, ONLY_WITH_SCHEME, UNENV_ERRORS, UNENV_MODULES,
} from "./sources.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "generated");

// The scripts run where `core` is Deno's, and get what a Deno process would be from the runtime.
const HOST = 'const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");';
const DEFINE = {
  Deno: "nodeHost.Deno",
  "globalThis.process": "nodeHost.process",
  "globalThis.Buffer": "nodeHost.Buffer",
};
const SETTINGS = { minifyWhitespace: true, target: "es2023", charset: "utf8", legalComments: "none" };

function crateFolder() {
  const [name, version] = DENO_NODE.split("@");
  const home = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
  const find = () => {
    const sources = join(home, "registry/src");
    const registries = existsSync(sources) ? readdirSync(sources) : [];
    const folders = registries.map((registry) => join(sources, registry, `${name}-${version}`));
    return folders.find((folder) => existsSync(folder));
  };
  // Asking about a crate makes cargo fetch it, and nothing that it depends on.
  if (find() === undefined) execFileSync("cargo", ["info", "--registry", "crates-io", DENO_NODE], { stdio: "ignore", cwd: here });
  const found = find();
  if (found === undefined) throw new Error(`cargo did not fetch ${DENO_NODE}`);
  return found;
}

// Where a script finds what is Rust's: what few need is there only for them.
function opsOf(name) {
  if (name.includes("blocklist")) return "nodeHost.blockListOps";
  if (name.includes("crypto")) return "nodeHost.cryptoOps";
  return name.includes("zlib") ? "nodeHost.zlibOps" : "nodeHost.ops";
}

// Specifiers have one extension here, and those of Node.js's own inner modules lead to their scripts.
function renamed(name, text) {
  return text
    .replaceAll(/"ext:deno_node\/([^"]+)\.(?:ts|mjs|js)"/g, '"ext:deno_node/$1.js"')
    .replaceAll("core.createLazyLoader", "nodeHost.lazy")
    .replaceAll(/\bcore\.ops\b/g, opsOf(name));
}

function adapted(name, text) {
  for (const [file, from, to] of ADAPTED) {
    if (file !== name) continue;
    if (text.split(from).length !== 2) throw new Error(`${name}: not there once: ${from}`);
    text = text.replace(from, () => to);
  }
  return text;
}

function wrapped(commonjs) {
  return `(function(){${HOST}const module={exports:{}},exports=module.exports,` +
    `require=nodeHost.requireFrom(__bootstrap);${commonjs};return module.exports;})()`;
}

async function denoScript(folder, name) {
  const text = adapted(name, readFileSync(join(folder, "polyfills", name), "utf8"));
  const isModule = /^(?:import|export) /m.test(text);
  const { code } = await transform(renamed(name, text), {
    ...SETTINGS,
    loader: name.endsWith(".ts") ? "ts" : "js",
    define: DEFINE,
    format: isModule ? "cjs" : undefined,
  });
  if (isModule) return wrapped(code);
  const body = code.trim().replace(/;$/, "").replace(/^"use strict";/, "");
  const open = body.match(/^\(function\s*\(\)\s*\{/);
  if (open === null || !body.endsWith("})()")) throw new Error(`${name}: of another form`);
  return `${open[0]}${HOST}${body.slice(open[0].length)}`;
}

async function unenvScript(name) {
  const result = await build({
    ...SETTINGS,
    stdin: { contents: `module.exports = require("unenv/node/${name}")`, resolveDir: here },
    bundle: true,
    // Wherever it is run: names of files within what is made are relative to it.
    absWorkingDir: here,
    write: false,
    format: "cjs",
    platform: "neutral",
    external: ["node:*"],
    define: { "globalThis.process": "nodeHost.process" },
  });
  return wrapped(result.outputFiles[0].text.trim().replaceAll(...UNENV_ERRORS));
}

function facade(name, source, key) {
  const names = [name, source, key].filter((one) => one !== undefined).map((one) => JSON.stringify(one));
  return `(function(){${HOST}return nodeHost.expose(${names.join(",")});})()`;
}

async function all() {
  const files = new Map();
  const folder = crateFolder();
  for (const name of DENO_SCRIPTS) {
    files.set(`deno_node/${name.replace(/\.(?:ts|mjs)$/, ".js")}`, await denoScript(folder, name));
  }
  for (const name of UNENV_MODULES) {
    files.set(`unenv/${name.replaceAll("/", "_")}.js`, await unenvScript(name));
  }
  for (const [name, [source, key]] of Object.entries(MODULES)) {
    files.set(`node_compat/${name.replaceAll("/", "_")}.js`, facade(name, source, key));
  }
  const names = Object.keys(MODULES).filter((name) => !ONLY_WITH_SCHEME.includes(name));
  files.set("node_compat/names.js", `(function(){return ${JSON.stringify(names)};})()`);
  return files;
}

function present() {
  const names = existsSync(out) ? readdirSync(out, { recursive: true, withFileTypes: true }) : [];
  const files = names.filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name).slice(out.length + 1)).sort();
}

const files = await all();
if (process.argv.includes("--check")) {
  const wrong = [...files].filter(([name, text]) => {
    const path = join(out, name);
    return !existsSync(path) || readFileSync(path, "utf8") !== `${text}\n`;
  }).map(([name]) => name);
  wrong.push(...present().filter((name) => !files.has(name)));
  if (wrong.length > 0) {
    console.error(`generated/ is not what generate.mjs makes: ${wrong.join(", ")}`);
    process.exit(1);
  }
} else {
  rmSync(out, { recursive: true, force: true });
  for (const [name, text] of files) {
    mkdirSync(dirname(join(out, name)), { recursive: true });
    writeFileSync(join(out, name), `${text}\n`);
  }
}
