//! `cellhouse build`: bundles an app into a directory, to look at or to run elsewhere.

use std::path::Path;

use cellhouse_bundle::{BUILD_COMMAND_RUNNING, Mode};

use crate::cli::BuildArguments;
use crate::dev::{self, Broken};
use crate::report::{Reporter, Stop, shown};

pub(crate) fn run(arguments: &BuildArguments) -> Result<(), Stop> {
    let runtime = tokio::runtime::Runtime::new().map_err(Stop::failed)?;
    runtime.block_on(build(arguments))
}

async fn build(arguments: &BuildArguments) -> Result<(), Stop> {
    let reporter = Reporter::new(false, false);
    let wrong = |broken: Broken| Stop::Wrong(broken.problem);
    let loaded = dev::config(&arguments.app, &reporter).map_err(wrong)?;
    if std::env::var_os(BUILD_COMMAND_RUNNING).is_none() {
        dev::build_command(&loaded.app).await.map_err(wrong)?;
    }
    let root = loaded.app.home.clone();
    let source = dev::source(loaded, Mode::Production, arguments.minify)
        .await
        .map_err(wrong)?;
    eprint!("{}", dev::render(&source.bundle.warnings));
    let directory = root.join(&arguments.outdir);
    write(&directory, &source.bundle)
        .map_err(|error| Stop::failed(format!("cannot write to {}: {error}", shown(&directory))))?;
    let size = source.bundle.code.len();
    println!(
        "{} ({} KB)",
        shown(&directory.join("index.js")),
        size.div_ceil(1000)
    );
    Ok(())
}

fn write(directory: &Path, bundle: &cellhouse_bundle::Bundle) -> std::io::Result<()> {
    std::fs::create_dir_all(directory)?;
    let mut code = bundle.code.clone();
    for asset in &bundle.assets {
        // In the bundle an import names the runtime's asset; on disk it is a file beside it, also if it was outside
        // of the project.
        let name = asset.name.replace("../", "_/");
        let file = format!("./{name}");
        code = code.replace(&format!("\"{}\"", asset.specifier), &format!("{file:?}"));
        let path = directory.join(&name);
        std::fs::create_dir_all(path.parent().unwrap_or(directory))?;
        std::fs::write(path, &asset.bytes)?;
    }
    if let Some(map) = &bundle.source_map {
        std::fs::write(directory.join("index.js.map"), map)?;
        code.push_str("\n//# sourceMappingURL=index.js.map\n");
    }
    std::fs::write(directory.join("index.js"), code)
}
