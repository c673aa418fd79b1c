import { Suspense, createContext, use, useContext, useId, useMemo, useState } from "react";
import { renderToReadableStream, renderToStaticMarkup, renderToString } from "react-dom/server";
import { equal, program } from "./check";

const Theme = createContext("light");

function Counter({ start }: { start: number }) {
  const [count] = useState(start);
  const theme = useContext(Theme);
  const double = useMemo(() => count * 2, [count]);
  return <button className={theme} onClick={() => {}}>{count} {double}</button>;
}

function Label() {
  return <label htmlFor={useId()}>{"<&>"}</label>;
}

function Late({ value }: { value: Promise<string> }) {
  return <p>{use(value)}</p>;
}

const page = (body: any) => <html><head><title>T</title></head><body>{body}</body></html>;

export default program({
  "renderToString"() {
    const text = renderToString(<Theme.Provider value="dark"><Counter start={2} /><Label /></Theme.Provider>);
    equal(text, '<button class="dark">2<!-- --> <!-- -->4</button><label for="_R_2_">&lt;&amp;&gt;</label>');
  },
  "renderToStaticMarkup"() {
    const list = <ul style={{ marginTop: 4 }}>{["a", "b"].map((item) => <li key={item}>{item}</li>)}</ul>;
    equal(renderToStaticMarkup(list), '<ul style="margin-top:4px"><li>a</li><li>b</li></ul>');
  },
  async "renderToReadableStream"() {
    const stream = await renderToReadableStream(page(<Counter start={1} />));
    const text = await new Response(stream).text();
    equal(text.startsWith("<!DOCTYPE html><html><head>"), true, text);
    equal(text.includes('<button class="light">1<!-- --> <!-- -->2</button>'), true, text);
  },
  async "Suspense, streaming"() {
    let resolve!: (text: string) => void;
    const value = new Promise<string>((set) => (resolve = set));
    const stream = await renderToReadableStream(page(<Suspense fallback={<i>wait</i>}><Late value={value} /></Suspense>));
    const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
    const first = (await reader.read()).value!;
    equal([first.includes("<i>wait</i>"), first.includes("<p>late")], [true, false], first);
    resolve("late");
    let rest = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) rest += part.value;
    equal(rest.includes("<p>late</p>"), true, rest);
  },
  async "errors"() {
    const Broken = () => {
      throw new Error("broken");
    };
    let heard = "";
    const stream = await renderToReadableStream(
      page(<Suspense fallback="sorry"><Broken /></Suspense>),
      { onError: (error: any) => (heard = error.message) },
    );
    await stream.allReady;
    equal((await new Response(stream).text()).includes("sorry"), true);
    equal(heard, "broken");
  },
});
