// Prints what the cases of decorators_cases.mjs give when esbuild lowers them, as wrangler has it do.

import { build } from "esbuild";

const built = await build({
	entryPoints: ["decorators_cases.mjs"],
	bundle: true,
	format: "esm",
	target: "es2022",
	keepNames: true,
	write: false,
});
const code = Buffer.from(built.outputFiles[0].contents).toString("base64");
const { asynchronous, cases } = await import(`data:text/javascript;base64,${code}`);
const answers = {};
for (const [name, run] of Object.entries(cases)) answers[name] = run();
answers.asynchronous = await asynchronous();
console.log(JSON.stringify(answers));
