// Where in a module an error comes from: what the engine notes at errors that went through one, for their stacks, in
// the numbers and names that the module had before it was rewritten.

(function () {

const { core } = __bootstrap;
const { op_wasm_function_name } = core.ops;

// The engine's properties, which nobody is to see: rows of [URL, name, number, ...] of functions, and where they belong.
const FRAMES = "__v82_wasm_stack_frames";
const PLACE = "__v82_wasm_stack_after_first";
// After which it leaves out all but one frame. That one would be ours.
const BOUNDARY = "__v8qjs_host_stack_boundary";

const told = new WeakSet();

// An error that came out of a module.
function outOf(plan, error) {
  if (!(error instanceof Error) || !Object.hasOwn(error, FRAMES)) return error;
  const rows = error[FRAMES];
  if (!told.has(rows)) {
    told.add(rows);
    rows.splice(0, rows.length, ...rows.filter((row) => tell(plan, row)));
  }
  for (const key of [FRAMES, PLACE]) Object.defineProperty(error, key, { enumerable: false });
  delete error[BOUNDARY];
  return error;
}

// Whether the function is the module's own.
function tell({ asset, own: [imported, count, added] }, row) {
  if (row[2] >= imported + added) row[2] -= added;
  row[1] = op_wasm_function_name(asset, row[2]);
  return row[2] < count;
}

return { outOf };
})();
