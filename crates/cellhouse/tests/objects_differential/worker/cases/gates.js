// Which event goes on when: input gates, blockConcurrencyWhile, transactions. The steps write a log in memory.

const at = (name) => `gates: ${name}`;

// A case in which several events of one object run `steps.step` at once; the result is the log.
const together = (name, numbers, step) => ({
  async outside(_env, h) {
    const stub = h.object();
    await stub.instance();
    const results = await Promise.all(numbers.map((number) => h.attempt(() => stub.run(at(name), "step", number))));
    return [results, await stub.takeLog()];
  },
  steps: { step },
});

const cases = {};
const add = (name, numbers, step) => {
  cases[name] = together(name, numbers, step);
};

add("storage closes the gate", [1, 2, 3], async ({ ctx, log }, number) => {
  log.push(`${number} begins`);
  await ctx.storage.get("a");
  log.push(`${number} has read`);
  await ctx.storage.put("a", number);
  log.push(`${number} has written`);
});
add("timers open it", [1, 2, 3], async ({ log }, number) => {
  log.push(`${number} begins`);
  await scheduler.wait(100 * number);
  log.push(`${number} ends`);
});
add("a promise does not open it", [1, 2, 3], async ({ log }, number) => {
  log.push(`${number} begins`);
  for (let turns = 0; turns < 10; turns++) await undefined;
  log.push(`${number} ends`);
});
add("read, wait, write", [1, 2, 3], async ({ ctx }, number) => {
  const before = (await ctx.storage.get("n")) ?? 0;
  await scheduler.wait(10);
  await ctx.storage.put("n", before + number);
  return before;
});
add("read and write", [1, 2, 3, 4, 5], async ({ ctx }, number) => {
  const before = (await ctx.storage.get("n")) ?? 0;
  await ctx.storage.put("n", before + number);
  return before;
});
add("blockConcurrencyWhile keeps others out", [1, 2, 3], async ({ ctx, log }, number) => {
  log.push(`${number} begins`);
  const result = await ctx.blockConcurrencyWhile(async () => {
    log.push(`${number} blocks`);
    await scheduler.wait(5);
    log.push(`${number} has blocked`);
    return number * 10;
  });
  log.push(`${number} goes on`);
  return result;
});
add("blockConcurrencyWhile twice in one event", [1], async ({ ctx, log }) => {
  const block = (number) => ctx.blockConcurrencyWhile(async () => {
    log.push(`${number} begins`);
    await scheduler.wait(4);
    log.push(`${number} ends`);
    return number;
  });
  return await Promise.all([block(1), block(2)]);
});
add("blockConcurrencyWhile within another", [1], async ({ ctx, log }) => {
  return await ctx.blockConcurrencyWhile(async () => {
    log.push("outer");
    const inner = await ctx.blockConcurrencyWhile(async () => {
      await scheduler.wait(2);
      log.push("inner");
      return 5;
    });
    return inner + 1;
  });
});
add("blockConcurrencyWhile holds those that wait for a timer", [1, 2], async ({ ctx, env, log }, number) => {
  if (number === 1) {
    log.push("1 waits");
    await scheduler.wait(5);
    log.push("1 goes on");
    return;
  }
  await ctx.blockConcurrencyWhile(async () => {
    log.push("2 blocks");
    // Not a timer: those of one object fire in their order on workerd, and the first one waits for this block.
    await env.OTHERS.getByName("gates").pause(30);
    log.push("2 has blocked");
  });
});
add("a transaction keeps others out", [1, 2], async ({ ctx, log }, number) => {
  await ctx.storage.transaction(async (txn) => {
    log.push(`${number} in`);
    await txn.put("a", number);
    await scheduler.wait(5);
    log.push(`${number} out`);
  });
});
add("writes that nobody awaits", [1, 2, 3], ({ ctx, log }, number) => {
  ctx.storage.put("a", number);
  log.push(`${number}`);
  return number;
});
add("answers do not wait for waitUntil", [1, 2], ({ ctx, log }, number) => {
  ctx.waitUntil(scheduler.wait(200).then(() => log.push("later")));
  log.push(`${number} answers`);
});

cases["a constructor that blocks comes first"] = async (_env, h) => {
  const stub = h.object();
  await stub.put("constructor", "blocks");
  await h.attempt(() => stub.abort());
  const anew = h.object();
  return await Promise.all([anew.takeLog(), anew.takeLog()]);
};
cases["a call to another object opens the gate"] = {
  async outside(_env, h) {
    const stub = h.object();
    const name = at("a call to another object opens the gate");
    await Promise.all([stub.run(name, "ask"), stub.run(name, "note")]);
    return await stub.takeLog();
  },
  steps: {
    async ask({ env, log }) {
      log.push("asks");
      await env.OTHERS.getByName("gates").deposit(1);
      log.push("has asked");
    },
    note: ({ log }) => log.push("another event"),
  },
};
cases["objects that ask each other"] = {
  async outside(_env, h) {
    return await h.object("a").run(at("objects that ask each other"), "ask", h.object("b"), 3);
  },
  steps: {
    async ask({ env, ctx }, other, depth) {
      if (depth === 0) return [ctx.id.name];
      const self = env.THINGS.getByName(ctx.id.name);
      return [ctx.id.name, ...(await other.run(at("objects that ask each other"), "ask", self, depth - 1))];
    },
  },
};

export default cases;
