// Files of variables (`.env`) as Node.js reads them, for `util.parseEnv()` and `process.loadEnvFile()`.

(function () {
// A name, and a value within quotes, which may have several lines, or to the end of the line or a `#`.
const LINE = /^[ \t]*(?:export[ \t]+)?([^\s=#][^=\n]*?)[ \t]*=[ \t]*(?:(["'`])([^]*?)\2[^\n]*|([^\n#]*)[^\n]*)$/gm;

function parseEnv(text) {
  const variables = {};
  for (const [, name, quote, quoted, plain] of text.replaceAll("\r\n", "\n").matchAll(LINE)) {
    if (quote === undefined) variables[name] = plain.trim();
    else variables[name] = quote === '"' ? quoted.replaceAll("\\n", "\n") : quoted;
  }
  return variables;
}

return { parseEnv };
})();
