;; The source of importing.wasm, which `wat2wasm` makes of it: a global that is imported.
(module
  (import "m" "n" (global $n i32))
  (import "m" "set" (func $set))
  (export "n" (global $n))
  (func (export "call") (call $set)))
