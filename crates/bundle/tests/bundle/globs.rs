//! Paths of `import()` and `require()` that are put together when they run.

use crate::support::{Project, attempt, made, relative, result, run};

#[test]
fn an_import_finds_the_file_that_its_path_means() {
    let found = result(&[
        (
            "src/index.js",
            "const load = async (it) => { try { return (await it()).default; } catch (e) { return e.name + ': ' + e.message; } };
             const is = (name) => name;
             globalThis.result = [
               await load(() => import(`./lang/${is('en')}.js`)),
               await load(() => import('./lang/' + is('d') + 'e' + '.ts')),
               await load(async () => import(`./lang/${await is('deep/fr')}.js`)),
               await load(() => import(`../data-${is(1) + 1}.json`)),
               await load(() => import(/* which */ `./texts/${is('a.txt')}`)),
               await load(() => import(`./lang/${is('xx')}.js`)),
               await load(() => import(`./none/${is('xx')}.js`)),
             ];
             export default {};",
        ),
        ("src/lang/en.js", "import de from './de'; export default 'english, not ' + de;"),
        ("src/lang/de.ts", "export default 'deutsch' as string;"),
        ("src/lang/deep/fr.js", "export default 'français';"),
        ("src/lang/types.d.ts", "export type A = 1;"),
        ("src/lang/picture.png", "no code"),
        ("src/texts/a.txt", "a text"),
        ("src/texts/b.md", "no text by any rule"),
        ("data-1.json", "{\"n\":1}"),
        ("data-2.json", "{\"n\":2}"),
    ]);
    assert_eq!(
        found,
        r#"["english, not deutsch","deutsch","français",{"n":2},"a text","Error: Module not found in bundle: ./lang/xx.js","Error: Module not found in bundle: ./none/xx.js"]"#
    );
}

#[test]
fn a_require_finds_the_file_that_its_path_means() {
    let found = result(&[
        (
            "index.js",
            "import words from 'words'; globalThis.result = [words('en'), words('xx')]; export default {};",
        ),
        (
            "node_modules/words/package.json",
            r#"{"main":"lib/index.js"}"#,
        ),
        (
            "node_modules/words/lib/index.js",
            "module.exports = (name) => { try { return require('./locale/' + name + '.js'); } catch (e) { return e.message; } };",
        ),
        (
            "node_modules/words/lib/locale/en.js",
            "module.exports = { hello: require('../word') };",
        ),
        (
            "node_modules/words/lib/word.js",
            "module.exports = 'hello';",
        ),
    ]);
    assert_eq!(
        found,
        r#"[{"hello":"hello"},"Module not found in bundle: ./locale/xx.js"]"#
    );
}

#[test]
fn what_no_file_can_be_looked_up_for_is_left_to_the_runtime() {
    let bundle = made(
        Project::new(&[(
            "index.js",
            "export default { load: (name) => import(name), other: (name) => import(name + '.js'), pack: (name) => import(`pack/${name}`) };",
        )])
        .options("index.js"),
    );
    assert_eq!(bundle.code.matches("import(").count(), 3, "{}", bundle.code);
}

#[test]
fn decorated_modules_have_them_too() {
    let found = result(&[
        (
            "index.ts",
            "const twice = (f: any, _: any) => function (this: any, x: string) { return f.call(this, x + x); };
             class A { @twice load(name: string) { return import(`./lang/${name}.ts`); } }
             globalThis.result = (await new A().load('e')).default; export default {};",
        ),
        ("lang/ee.ts", "export default 'ee';"),
    ]);
    assert_eq!(found, r#""ee""#);
}

#[test]
fn folders_of_files_are_watched_and_packages_are_none() {
    let project = Project::new(&[
        (
            "src/index.js",
            "globalThis.result = (await import(`../${globalThis.which ?? 'a'}.js`)).default; export default {};",
        ),
        ("a.js", "export default 1;"),
        ("node_modules/x/broken.js", "this is no code"),
        (".cache/broken.js", "this is no code"),
    ]);
    let bundle = made(project.options("src/index.js"));
    assert_eq!(run(&bundle), "1");
    let files = relative(&project.root(), &bundle.files);
    assert!(files.iter().any(|file| file.is_empty()), "{files:#?}");
    assert!(files.contains(&"src".to_owned()), "{files:#?}");

    project.write("broken.js", b"this is no code");
    let error = attempt(project.options("src/index.js")).unwrap_err();
    assert!(error.to_string().contains("broken.js"), "{error}");
}
