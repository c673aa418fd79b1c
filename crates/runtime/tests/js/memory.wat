;; The source of memory.wasm, which `wat2wasm` makes of it: a memory that is imported.
(module
  (import "m" "memory" (memory 2 4))
  (import "m" "note" (func $note (param i32 f64) (result i64)))
  (data (i32.const 100) "hello")
  (data $passive "later")
  (export "memory" (memory 0))
  (func (export "read") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "write") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "size") (result i32) memory.size)
  (func (export "init") (param i32) (memory.init $passive (local.get 0) (i32.const 0) (i32.const 5)))
  (func (export "note") (param i32) (result i64) (call $note (local.get 0) (f64.const 2.5))))
