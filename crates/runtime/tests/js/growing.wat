;; The source of growing.wasm, which `wat2wasm` makes of it: a memory without a bound of its own.
(module
  (memory (export "memory") 1)
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
