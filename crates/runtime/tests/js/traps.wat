;; The source of traps.wasm, which `wat2wasm --debug-names` makes of it: functions with names, one of which traps.
(module
  (import "m" "f" (func $imported))
  (func $inner unreachable)
  (func $boom (call $imported) (call $inner))
  (export "boom" (func $boom))
  (export "call" (func $inner))
  (export "imp" (func $imported)))
