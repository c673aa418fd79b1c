import { createHighlighterCore } from "@shikijs/core";
import { createJavaScriptRegexEngine } from "@shikijs/engine-javascript";
import { equal, fails, program } from "./check";

// A language of its own with what grammars live on: look-behind, sets, names, an embedded language.
const language = {
  name: "small",
  scopeName: "source.small",
  patterns: [
    { match: "(?<![$_\\p{L}])(?:let|fun)(?![$_\\p{L}])", name: "keyword" },
    { match: "--.*$", name: "comment" },
    { match: "<<|>>|&&|[-+/*!<>]", name: "operator" },
    { match: "(?i:0x[0-9a-f_]+)|\\b\\p{Nd}+\\b", name: "number" },
    { begin: "([\"'])", end: "\\1", beginCaptures: { 1: { name: "punctuation" } }, name: "string", patterns: [{ match: "\\\\.", name: "escape" }] },
    { match: `&(?:${Array.from({ length: 300 }, (_, index) => `(entity${index})`).join("|")});`, name: "entity" },
  ],
};
const COLORS: Record<string, string> = {
  keyword: "#100000", comment: "#200000", operator: "#300000", number: "#400000", string: "#500000", escape: "#600000", entity: "#700000",
};
const theme = {
  name: "plain",
  type: "light" as const,
  fg: "#000000",
  bg: "#ffffff",
  settings: Object.entries(COLORS).map(([scope, foreground]) => ({ scope, settings: { foreground } })),
};
const made = (options = {}) =>
  createHighlighterCore({ langs: [language as any], themes: [theme as any], engine: createJavaScriptRegexEngine(options) });

const CODE = "let a = 0xFF << 12 && b-c -- a note\nfun('é\\'x') &entity299;";
// However slow the machine is, a line is not cut short.
const how = { lang: "small", theme: "plain", tokenizeTimeLimit: 0 };
const NAMES = Object.fromEntries(Object.entries(COLORS).map(([name, color]) => [color, name]));

export default program({
  async "tokens"() {
    const { tokens } = (await made()).codeToTokens(CODE, how);
    const named = tokens.map((line) => line.filter((token) => token.color !== "#000000")
      .map((token) => `${NAMES[token.color!.toLowerCase()]} ${token.content.trim()}`));
    equal(named, [
      ["keyword let", "number 0xFF", "operator <<", "number 12", "operator &&", "operator -", "comment -- a note"],
      ["keyword fun", "string 'é", "escape \\'", "string x'", "entity &entity299;"],
    ]);
  },
  async "HTML"() {
    const html = (await made()).codeToHtml("let <b>", how);
    equal(html.includes('<span style="color:#100000">let</span>'), true);
    equal(html.includes("&#x3C;"), true);
    equal(html.startsWith('<pre class="shiki plain" style="background-color:#ffffff;color:#000000"'), true);
  },
  async "transformers, decorations"() {
    const html = (await made()).codeToHtml("let x", {
      ...how,
      transformers: [{ line: (node, line) => void (node.properties["data-line"] = line) }],
      decorations: [{ start: 4, end: 5, properties: { class: "marked" } }],
    });
    equal([html.includes('data-line="1"'), html.includes("marked")], [true, true]);
  },
  async "unknown languages and themes"() {
    const highlighter = await made();
    await fails(() => highlighter.codeToHtml("x", { lang: "missing", theme: "plain" }), "`missing` not found");
    await fails(() => highlighter.codeToHtml("x", { lang: "small", theme: "missing" }), "`missing` not found");
  },
});
