// A Worker that is a list of cases: each throws if it is wrong.

export function equal(actual: unknown, expected: unknown, what = "") {
  const [one, other] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (one !== other) throw new Error(`${what} ${one} is not ${other}`);
}

export async function fails(run: () => unknown, part: string) {
  try {
    await run();
  } catch (error) {
    const said = `${(error as Error).name}: ${(error as Error).message}`;
    if (!said.includes(part)) throw new Error(`"${said}" has no "${part}"`);
    return;
  }
  throw new Error(`it should fail with "${part}"`);
}

type Case = (env: any, ctx: any, request: Request) => unknown;

// Answers with the names of the cases that are right, and what is wrong with the others.
export function program(cases: Record<string, Case>) {
  return {
    async fetch(request: Request, env: any, ctx: any) {
      const right: string[] = [];
      const wrong: Record<string, string> = {};
      for (const [name, run] of Object.entries(cases)) {
        try {
          await run(env, ctx, request);
          right.push(name);
        } catch (error) {
          wrong[name] = `${error}\n${(error as Error)?.stack}`;
        }
      }
      return Response.json({ right, wrong });
    },
  };
}
