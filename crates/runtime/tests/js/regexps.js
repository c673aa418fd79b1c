// Regular expressions where the engine is behind: the flag `v`, and what `RegExp` tells of the last match.

test("sets: what stands outside of classes", async () => {
  const cases = [
    ["^a-b/c$", "a-b/c"], ["<<|>>>?", "<<"], ["!|&&|\\|\\|", "&&"], ["(?<!--)x", "x"], ["(?<a>a)--(?<b>b)", "a--b"],
    ["(?<=<<)b", "<<b"], ["(?:--)", "--"], ["(?i-s:A)-", "a-"], ["::{2}", ":::"], ["\\-\\-", "--", true],
  ];
  for (const [pattern, text, wrong] of cases) {
    if (wrong) await throws(() => new RegExp(pattern, "v"), "SyntaxError");
    else ok(new RegExp(pattern, "v").test(text), pattern);
  }
});

test("sets: escapes in classes", async () => {
  for (const character of "&-!#%,:;<=>@`~") {
    const expression = new RegExp(`^[\\${character}x]$`, "v");
    equal([character, "x", "y"].map((text) => expression.test(text)), [true, true, false]);
  }
  equal("a1-é".replace(new RegExp("[\\p{L}--[a-z]]|[\\-]", "gv"), "."), "a1..");
  equal("x<<y".split(new RegExp("<<", "v")), ["x", "y"]);
  for (const wrong of ["[a&&&b]", "[(]", "[a", "("]) await throws(() => new RegExp(wrong, "v"), "SyntaxError");
});

test("many groups", async () => {
  const many = "(a)".repeat(300);
  const found = new RegExp(`^${many}[(](?:x)?$`).exec(`${"a".repeat(300)}(`);
  equal([found[0].length, found[1], found[254], found[255]], [301, "a", "a", undefined]);
  ok(new RegExp(`${many}--`, "v").test(`${"a".repeat(300)}--`));
  await throws(() => new RegExp(`${many}(`), "SyntaxError");
});

test("the constructor is as it was", async () => {
  const expression = /a/g;
  ok(RegExp(expression) === expression && new RegExp(expression) !== expression);
  equal(String(new RegExp(expression, "i")), "/a/i");
  equal([String(RegExp("b")), String(new RegExp())], ["/b/", "/(?:)/"]);
  ok(expression.constructor === RegExp && expression instanceof RegExp);
  ok(RegExp[Symbol.species] === RegExp || "ab".split(/b/)[0] === "a");
  equal([RegExp.name, RegExp.length], ["RegExp", 2]);
  class Other extends RegExp {
    twice() {
      return this.source.repeat(2);
    }
  }
  const other = new Other("a", "g");
  equal([other.twice(), other instanceof Other, other.flags, "bab".split(other)], ["aa", true, "g", ["b", "b"]]);
  ok(Reflect.construct(RegExp, ["x"], Other) instanceof Other);
  await throws(() => new RegExp("["), "SyntaxError");
  await throws(() => new RegExp("a", "zz"), "SyntaxError");
});

test("what RegExp tells of the last match", () => {
  const told = () => [RegExp.$1, RegExp.$2, RegExp.lastMatch, RegExp.leftContext, RegExp.rightContext, RegExp.lastParen];
  /(\d)-(\w)/.exec("x 5-a y");
  equal(told(), ["5", "a", "5-a", "x ", " y", "a"]);
  equal([RegExp.$9, RegExp["$&"], RegExp.input, RegExp["$`"]], ["", "5-a", "x 5-a y", "x "]);
  /nothing/.test("x");
  equal(told()[0], "5");
  const { $1: first } = (/(b)/.test("abc"), RegExp);
  equal([first, RegExp.$2], ["b", ""]);
  "zz7".replace(/(\d)/, "");
  equal(RegExp.$1, "7");
  equal(["a1".match(/(\d)/)[0], RegExp.$1, "b2".search(/(\d)/), RegExp.$1], ["1", "1", 1, "2"]);
  const parts = "c3".match(/(c)(\d)/);
  parts.shift();
  equal(RegExp.$1, "c");
  equal(Object.keys(RegExp), []);
});
