//! `cellhouse build`: the bundle on disk, and the command that a config wants to run first.

use crate::support::Project;

const FINE: &str = "export default { fetch: () => new Response('fine' satisfies string) };\n";

#[tokio::test]
async fn writes_javascript_and_a_source_map() {
    let project = Project::ploy("", FINE);
    let exit = project.command(&["build"]).run().await;
    assert_eq!(exit.code, Some(0), "{exit:#?}");
    let script = project.read("dist/index.js");
    assert!(
        script.contains("fine") && !script.contains("satisfies"),
        "{script}"
    );
    assert!(project.read("dist/index.js.map").contains("src/index.ts"));
}

#[tokio::test]
async fn into_another_folder() {
    let project = Project::ploy("", FINE);
    let exit = project
        .command(&["build", ".", "--outdir", "made/here"])
        .run()
        .await;
    assert_eq!(exit.code, Some(0), "{exit:#?}");
    assert!(project.has("made/here/index.js"));
    assert!(!project.has("dist"));
}

#[tokio::test]
async fn an_error_names_file_and_line() {
    let project = Project::ploy("", "const fine = 1;\nexport default { fetch( => 1 };\n");
    let exit = project.command(&["build"]).run().await;
    assert_eq!(exit.code, Some(2), "{exit:#?}");
    assert!(exit.stderr.contains("src/index.ts:2"), "{exit:#?}");

    let project = Project::ploy(
        "",
        "import { a } from './not-there';\nexport default { a };\n",
    );
    let exit = project.command(&["build"]).run().await;
    assert_eq!(exit.code, Some(2), "{exit:#?}");
    assert!(exit.stderr.contains("src/index.ts:1"), "{exit:#?}");
    assert!(exit.stderr.contains("./not-there"), "{exit:#?}");
}

#[tokio::test]
async fn the_build_command_runs_first() {
    let make = "build: echo 'export const word = \"made\";' > src/made.ts\n";
    let source =
        "import { word } from './made';\nexport default { fetch: () => new Response(word) };\n";
    let project = Project::ploy(make, source);
    let exit = project.command(&["build"]).run().await;
    assert_eq!(exit.code, Some(0), "{exit:#?}");
    assert!(project.read("dist/index.js").contains("made"));

    let project = Project::ploy(make, source);
    let app = project.dev().start().await;
    assert_eq!(app.get("/").await.expect(200).text(), "made");
}

#[tokio::test]
async fn a_build_command_that_fails_stops_the_build() {
    let project = Project::ploy("build: echo it is broken && exit 7\n", FINE);
    let exit = project.command(&["build"]).run().await;
    assert_eq!(exit.code, Some(2), "{exit:#?}");
    let all = format!("{}{}", exit.stdout, exit.stderr);
    assert!(
        all.contains("it is broken") && all.contains('7'),
        "{exit:#?}"
    );
}

/// `build: npm run build`, whose script is `cellhouse build`, must not run for ever. The command
/// here counts its runs, and gives up by itself if it comes round again and again.
#[tokio::test]
async fn a_build_command_may_be_cellhouse_build_itself() {
    let command = "echo run >> runs; test $(wc -l < runs) -lt 4 && \"$CELLHOUSE\" build";
    let project = Project::ploy(&format!("build: '{command}'\n"), FINE);
    let exit = project
        .command(&["build"])
        .variable("CELLHOUSE", env!("CARGO_BIN_EXE_cellhouse"))
        .run()
        .await;
    assert_eq!(exit.code, Some(0), "{exit:#?}");
    assert_eq!(project.read("runs"), "run\n");
    assert!(project.has("dist/index.js"));
}

#[tokio::test]
async fn files_that_are_imported_lie_beside_it() {
    let source = "import near from './texts/near.txt';\nimport far from '../../far.txt';\n\
                  export default { fetch: () => new Response(near + far) };\n";
    let folder = Project::empty()
        .with("far.txt", "far")
        .with("app/ploy.yaml", "kind: dynamic\n")
        .with("app/src/index.ts", source)
        .with("app/src/texts/near.txt", "near");
    let build = folder.command(&["build", "app", "--outdir", "out"]);
    let exit = build.run().await;
    assert_eq!(exit.code, Some(0), "{exit:#?}");
    let script = folder.read("app/out/index.js");
    for (file, text) in [("src/texts/near.txt", "near"), ("_/far.txt", "far")] {
        assert_eq!(folder.read(&format!("app/out/{file}")), text);
        assert!(script.contains(&format!("\"./{file}\"")), "{script}");
    }
}
