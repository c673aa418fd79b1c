import { Agent, getAgentByName, getCurrentAgent, routeAgentRequest } from "agents";
import { equal, program } from "./check";

type State = { count: number; seen: string[] };

export class Helper extends Agent<any, State> {
  initialState: State = { count: 0, seen: [] };

  async onStart() {
    this.sql`CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, note TEXT)`;
  }

  add(by: number) {
    this.setState({ ...this.state, count: this.state.count + by });
    return this.state.count;
  }

  async note(note: string) {
    this.sql`INSERT INTO notes (note) VALUES (${note})`;
    await null;
    const { agent } = getCurrentAgent<Helper>();
    return [agent === this, this.sql<{ note: string }>`SELECT note FROM notes ORDER BY id`.map((row) => row.note)];
  }

  async plan() {
    const one = await this.schedule(3600, "ring", { a: 1 });
    const daily = await this.schedule("0 12 * * *", "ring");
    const found = [one.type, daily.type, (await this.getSchedules()).length];
    await this.cancelSchedule(one.id);
    return [...found, (await this.getSchedules()).length];
  }

  async enqueue() {
    await this.queue("ring", { from: "queue" });
  }

  async ring(payload: any) {
    this.setState({ ...this.state, seen: [...this.state.seen, payload?.from ?? "schedule"] });
  }

  current() {
    return this.state;
  }

  async onRequest(request: Request) {
    return Response.json({ name: this.name, path: new URL(request.url).pathname, state: this.state });
  }
}

const helper = async (env: any) => (await getAgentByName(env.Helper, crypto.randomUUID())) as any;

export default program({
  async "getAgentByName, state"(env) {
    const agent = await helper(env);
    equal([await agent.add(2), await agent.add(3)], [2, 5]);
    equal(await agent.current(), { count: 5, seen: [] });
  },
  async "sql, getCurrentAgent"(env) {
    const agent = await helper(env);
    equal(await agent.note("a"), [true, ["a"]]);
    equal(await agent.note("b"), [true, ["a", "b"]]);
  },
  async "schedules"(env) {
    equal(await (await helper(env)).plan(), ["delayed", "cron", 2, 1]);
  },
  async "queue"(env) {
    const agent = await helper(env);
    await agent.enqueue();
    let seen: string[] = [];
    for (let tries = 0; tries < 200 && seen.length === 0; tries++) {
      await scheduler.wait(10);
      seen = (await agent.current()).seen;
    }
    equal(seen, ["queue"]);
  },
  async "routeAgentRequest"(env) {
    const answer = await routeAgentRequest(new Request("http://localhost/agents/helper/one/more"), env);
    equal(await answer!.json(), { name: "one", path: "/agents/helper/one/more", state: { count: 0, seen: [] } });
    equal(await routeAgentRequest(new Request("http://localhost/elsewhere"), env), null);
  },
});
