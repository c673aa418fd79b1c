//! Standard decorators: what becomes of them in TypeScript, in other kinds of module, and in stacks. What
//! they do is compared with esbuild in crates/cellhouse/tests/dev/decorators.rs.

use cellhouse_bundle::{Options, SourceMap};

use crate::support::{Engine, Project, failed, made, result};

const LEGACY: &str = r#"{"compilerOptions": {"experimentalDecorators": true}}"#;

#[test]
fn the_tsconfig_says_which_decorators_are_meant() {
    let code =
        "const seen: any[] = []; function note(...given: any[]) { seen.push(typeof given[1]) }
        class A { @note method() {} @note field = 1 } globalThis.result = seen; export default {};";
    assert_eq!(
        result(&[("a.ts", code), ("tsconfig.json", LEGACY)]),
        r#"["string","string"]"#
    );
    assert_eq!(result(&[("a.ts", code)]), r#"["object","object"]"#);
}

#[test]
fn accessor_fields_work_with_either_kind() {
    let code = "class A { accessor x = 1; static accessor y = 2; accessor #z = 3; get z() { return this.#z++ + this.#z } }
        globalThis.result = [new A().x, A.y, new A().z, Object.keys(new A())]; export default {};";
    assert_eq!(result(&[("a.ts", code)]), "[1,2,7,[]]");
    assert_eq!(
        result(&[("a.ts", code), ("tsconfig.json", LEGACY)]),
        "[1,2,7,[]]"
    );
}

#[test]
fn a_decorated_parameter_is_an_error_with_its_place() {
    let code = "const inject = () => {};\nclass A {\n  constructor(@inject() a: string) {}\n}\nexport default { A };";
    let error = failed(&[("a.ts", code)]);
    assert_eq!(
        error.to_string(),
        "a.ts:3:15: standard decorators have no place on parameters"
    );
    let help = error.diagnostics[0].help.as_deref().unwrap();
    assert!(help.contains("\"experimentalDecorators\": true"), "{help}");
}

#[test]
fn types_go_and_modifiers_stay_harmless() {
    let code = "import type { T } from './types';
        function twice<V>(_: unknown, context: ClassFieldDecoratorContext<any, V>) { return (v: any) => v * 2 }
        const log = (method: any, _: ClassMethodDecoratorContext) => function (this: any, ...a: any[]) { return ['log', method.apply(this, a)] };
        abstract class Base<K extends string> { declare kind: K; abstract run(): void; protected abstract accessor later: number; }
        const marked = <C extends new (...a: any[]) => any>(c: C, _: ClassDecoratorContext<C>): void => { (c as any).mark = true };
        @marked
        export class A<K extends string = 'x'> extends Base<K> implements Iterable<K> {
            @twice public readonly n: number = 21;
            @twice private m?: number = 4;
            @twice protected declared!: number;
            private static override s: number = 5;
            constructor(private readonly given: string, public other = 1) { super() }
            over(a: string): string;
            over(a: number): string;
            @log public over(a: any): string { return `${a as string}${this.given}` }
            @log async later2?(): Promise<void> {}
            run(): void {}
            *[Symbol.iterator](): Iterator<K> {}
            accessor later: number = 7;
            sum(): number { return this.n + this.m! + A.s + this.other + this.later }
            [index: string]: any;
        }
        globalThis.result = [new A('g').sum(), new A('g').over(1), (A as any).mark, A.name, Object.keys(new A('g'))];
        export default {};";
    assert_eq!(
        result(&[("a.ts", code), ("types.ts", "export type T = 1;")]),
        r#"[63,["log","1g"],true,"A",["given","other","n","m","declared"]]"#
    );
}

#[test]
fn a_class_can_be_sealed() {
    let code = "const sealed = (value) => { Object.seal(value); Object.seal(value.prototype) };
        @sealed class A { m() { return 1 } }
        globalThis.result = [Object.isSealed(A), new A().m()]; export default {};";
    assert_eq!(result(&[("a.js", code)]), "[true,1]");
}

#[test]
fn every_kind_of_export_and_module_can_have_them() {
    let code = "import Default, { Named, first } from './b'; import Anonymous from './c'; import Plain from './d';
        const { common, Held } = require('./e.cjs');
        globalThis.result = [Default.mark, Named.mark, first, Anonymous.mark, Anonymous.name, new Plain().m(), common, Held.mark];
        export default {};";
    let decorator = "const mark = (c) => { c.mark = c.name };\n";
    let b = format!(
        "{decorator}@mark export default class D {{}}\nexport @mark class Named {{ static n = 1 }}\nexport const first = Named.n;"
    );
    let c = format!("{decorator}export default @mark class {{}}");
    let d = "export default class { @((m) => () => m() + 1) m() { return 1 } }";
    let e = format!(
        "{decorator}@mark class Held {{}}\nmodule.exports = {{ common: Held.mark, Held }};"
    );
    assert_eq!(
        result(&[
            ("a.js", code),
            ("b.js", &b),
            ("c.js", &c),
            ("d.js", d),
            ("e.cjs", &e)
        ]),
        r#"["D","Named",1,"default","default",2,"Held","Held"]"#
    );
}

const THROWING: &str =
    "const pass = (value: any, context: any) => { context.addInitializer(() => {}) };

type Unused = {
  many: string;
};

@pass
class Thrower {
  @pass
  static first = 1;

  @pass field: number = this.late();

  static { this.first++; }

  @pass
  late(): number {
    /* é💥 */ throw new Error('here');
  }
}

const make = () => new Thrower();
try { make(); } catch (error) { globalThis.stack = error.stack; }
export default {};
";

#[test]
fn stacks_tell_the_lines_of_the_source() {
    for minify in [false, true] {
        let project = Project::new(&[("src/index.ts", THROWING)]);
        let bundle = made(Options {
            minify,
            ..project.options("src/index.ts")
        });
        let mut engine = Engine::new(Vec::new());
        engine.evaluate("app:///worker.js", &bundle.code).unwrap();
        let stack = engine.text("globalThis.stack");
        let mapped = SourceMap::new(bundle.source_map.clone().unwrap()).map_stack(&stack);
        // In a text of one line the engine gives a method under a computed key the place of its class.
        let method = if minify {
            "Thrower.late"
        } else {
            "src/index.ts:18:"
        };
        for place in [
            method,
            "src/index.ts:12:",
            "src/index.ts:22:",
            "src/index.ts:23:",
        ] {
            assert!(
                mapped.contains(place),
                "{place}\n{mapped}\n{stack}\n{}",
                bundle.code
            );
        }
    }
}

#[test]
fn names_of_the_helper_do_not_meet_those_of_the_module() {
    let code = "const _decorated = 'mine', _decorated0 = 'too';
        class A { @(() => () => _decorated + _decorated0) m() {} }
        globalThis.result = new A().m(); export default {};";
    assert_eq!(result(&[("a.js", code)]), r#""minetoo""#);
}
