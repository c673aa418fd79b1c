import { Suspense, lazy, useState } from "react";

const Later = lazy(() => import("./later.jsx"));

export function App({ visit }) {
  const [clicks, setClicks] = useState(0);
  return (
    <>
      <h1>visit {visit}</h1>
      <Suspense fallback={<p>not yet</p>}>
        <Later />
      </Suspense>
      <button onClick={() => setClicks(clicks + 1)}>clicked {clicks}</button>
    </>
  );
}
