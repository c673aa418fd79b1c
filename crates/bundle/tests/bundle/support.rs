//! A project in a temporary folder, and an engine to run its bundle in.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use cellhouse_bundle::{Asset, AssetKind, Bundle, Error, Options, bundle};
use deno_core::{
    JsRuntime, ModuleLoadOptions, ModuleLoadReferrer, ModuleLoadResponse, ModuleLoader,
    ModuleResolveResponse, ModuleSource, ModuleSourceCode, ModuleSpecifier, ModuleType,
    PollEventLoopOptions, ResolutionKind, RuntimeOptions,
};
use deno_error::JsErrorBox;

pub struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    /// A project of these files; the first is the entry.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let project = Project {
            folder: tempfile::tempdir().unwrap(),
        };
        for (path, text) in files {
            project.write(path, text.as_bytes());
        }
        project
    }

    pub fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    pub fn write(&self, path: &str, content: &[u8]) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub fn options(&self, entry: &str) -> Options {
        Options {
            root: self.folder.path().to_path_buf(),
            entry: PathBuf::from(entry),
            name: "worker".into(),
            available_modules: vec!["cloudflare:workers".into()],
            ..Options::default()
        }
    }
}

/// Bundles these files, of which the first is the entry.
pub fn bundled(files: &[(&str, &str)]) -> Bundle {
    let project = Project::new(files);
    made(project.options(files[0].0))
}

pub fn made(options: Options) -> Bundle {
    match attempt(options) {
        Ok(bundle) => bundle,
        Err(error) => panic!("no bundle: {error}\n{:#?}", error.diagnostics),
    }
}

/// The errors of these files, of which the first is the entry.
pub fn failed(files: &[(&str, &str)]) -> Error {
    let project = Project::new(files);
    attempt(project.options(files[0].0)).unwrap_err()
}

pub fn attempt(options: Options) -> Result<Bundle, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(bundle(options))
}

/// What the code leaves in `globalThis.result`, as JSON.
pub fn run(bundle: &Bundle) -> String {
    let mut engine = Engine::new(bundle.assets.clone());
    engine
        .evaluate("app:///worker.js", &bundle.code)
        .unwrap_or_else(|error| panic!("{error}\n{}", bundle.code));
    engine.text("JSON.stringify(globalThis.result)")
}

/// Bundles and runs in one.
pub fn result(files: &[(&str, &str)]) -> String {
    run(&bundled(files))
}

pub struct Engine {
    js: JsRuntime,
}

impl Engine {
    pub fn new(assets: Vec<Asset>) -> Self {
        let loader = Rc::new(Modules { assets });
        let js = JsRuntime::new(RuntimeOptions {
            module_loader: Some(loader),
            ..RuntimeOptions::default()
        });
        Engine { js }
    }

    /// Evaluates a module to its end; the error is the engine's text of it.
    pub fn evaluate(&mut self, name: &str, code: &str) -> Result<(), String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let specifier = ModuleSpecifier::parse(name).unwrap();
        let code = code.to_owned();
        runtime.block_on(async {
            let loaded = self
                .js
                .load_main_es_module_from_code(&specifier, code)
                .await;
            let id = loaded.map_err(|error| error.to_string())?;
            let evaluated = self.js.mod_evaluate(id);
            let ended = self
                .js
                .with_event_loop_promise(evaluated, PollEventLoopOptions::default())
                .await;
            ended.map_err(|error| error.to_string())
        })
    }

    /// The value of a script as text.
    pub fn text(&mut self, script: &str) -> String {
        let value = self
            .js
            .execute_script("script.js", script.to_owned())
            .unwrap();
        deno_core::scope!(scope, &mut self.js);
        let value = deno_core::v8::Local::new(scope, value);
        value.to_rust_string_lossy(scope)
    }
}

/// Answers what a bundle leaves to the runtime.
struct Modules {
    assets: Vec<Asset>,
}

impl Modules {
    fn source(&self, specifier: &str) -> Option<String> {
        Some(match specifier {
            "cloudflare:workers" => {
                "export class DurableObject {}; export const env = { A: 1 };".to_owned()
            }
            "node:buffer" => "export class Buffer { static from(x) { return 'buffer of ' + x } }; \
                              export default { Buffer };"
                .to_owned(),
            "node:events" => {
                "export default class EventEmitter { emit() { return 'node' } }".to_owned()
            }
            _ => self
                .assets
                .iter()
                .find(|asset| asset.specifier == specifier)
                .map(asset_source)?,
        })
    }
}

fn asset_source(asset: &Asset) -> String {
    let bytes = format!("new Uint8Array({:?})", asset.bytes);
    match asset.kind {
        AssetKind::Text => format!("export default {:?}", String::from_utf8_lossy(&asset.bytes)),
        AssetKind::Data => format!("export default {bytes}.buffer"),
        AssetKind::Wasm => format!("export default new WebAssembly.Module({bytes})"),
    }
}

impl ModuleLoader for Modules {
    fn resolve(
        &self,
        specifier: &str,
        _referrer: &str,
        _kind: ResolutionKind,
    ) -> ModuleResolveResponse {
        ModuleSpecifier::parse(specifier)
            .map_err(|_| JsErrorBox::type_error(format!("no module {specifier}")))
    }

    fn load(
        &self,
        specifier: &ModuleSpecifier,
        _referrer: Option<&ModuleLoadReferrer>,
        _options: ModuleLoadOptions,
    ) -> ModuleLoadResponse {
        let source = self.source(specifier.as_str());
        ModuleLoadResponse::Sync(match source {
            Some(code) => Ok(ModuleSource::new(
                ModuleType::JavaScript,
                ModuleSourceCode::String(code.into()),
                specifier,
                None,
            )),
            None => Err(JsErrorBox::type_error(format!("no module {specifier}"))),
        })
    }
}

/// Paths relative to the root, with `/`.
pub fn relative(root: &Path, files: &[PathBuf]) -> Vec<String> {
    files
        .iter()
        .filter_map(|file| file.strip_prefix(root).ok())
        .map(|file| file.to_string_lossy().into_owned())
        .collect()
}
