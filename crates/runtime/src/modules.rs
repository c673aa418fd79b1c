//! Modules that an app may import beside its own bundle: the runtime's, and the bundle's assets.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use deno_core::error::ModuleLoaderError;
use deno_core::{
    ModuleLoadOptions, ModuleLoadReferrer, ModuleLoadResponse, ModuleLoader, ModuleResolveResponse,
    ModuleSource, ModuleSourceCode, ModuleSpecifier, ModuleType, ResolutionKind,
};
use deno_error::JsErrorBox;

use crate::spec::{Asset, NodeModules};

/// Specifiers that exist at run time without being bundled.
pub const RUNTIME_MODULES: &[&str] = &[
    "cloudflare:email",
    "cloudflare:node",
    "cloudflare:sockets",
    "cloudflare:workers",
    "cloudflare:workflows",
];

/// Modules of Node.js, which an app has with the compatibility flag `nodejs_compat`.
pub const NODE_MODULES: &[&str] = &[
    "node:_http_agent",
    "node:_http_client",
    "node:_http_common",
    "node:_http_incoming",
    "node:_http_outgoing",
    "node:_http_server",
    "node:_stream_duplex",
    "node:_stream_passthrough",
    "node:_stream_readable",
    "node:_stream_transform",
    "node:_stream_writable",
    "node:_tls_common",
    "node:_tls_wrap",
    "node:assert",
    "node:assert/strict",
    "node:async_hooks",
    "node:buffer",
    "node:child_process",
    "node:cluster",
    "node:console",
    "node:constants",
    "node:crypto",
    "node:dgram",
    "node:diagnostics_channel",
    "node:dns",
    "node:dns/promises",
    "node:domain",
    "node:events",
    "node:fs",
    "node:fs/promises",
    "node:http",
    "node:http2",
    "node:https",
    "node:inspector",
    "node:inspector/promises",
    "node:module",
    "node:net",
    "node:os",
    "node:path",
    "node:path/posix",
    "node:path/win32",
    "node:perf_hooks",
    "node:process",
    "node:punycode",
    "node:querystring",
    "node:readline",
    "node:readline/promises",
    "node:repl",
    "node:sqlite",
    "node:stream",
    "node:stream/consumers",
    "node:stream/promises",
    "node:stream/web",
    "node:string_decoder",
    "node:sys",
    "node:timers",
    "node:timers/promises",
    "node:tls",
    "node:trace_events",
    "node:tty",
    "node:url",
    "node:util",
    "node:util/types",
    "node:v8",
    "node:vm",
    "node:wasi",
    "node:worker_threads",
    "node:zlib",
];

/// What the bundler adds to a Worker in the service-worker format.
const SERVICE_WORKER: &str = "cellhouse:service-worker";
/// What built-in packages import: objects that nothing configures, and what else the runtime has for them.
pub const PLATFORM_MODULE: &str = "cellhouse:platform";

/// Resolves what is left to import in a bundle.
#[derive(Default)]
pub(crate) struct Loader {
    assets: RefCell<Arc<[Asset]>>,
    node: Cell<NodeModules>,
}

impl Loader {
    pub(crate) fn new() -> Rc<Self> {
        Rc::new(Loader::default())
    }

    /// Makes an app's assets importable. Called once, before its module is evaluated.
    pub(crate) fn set_assets(&self, assets: Arc<[Asset]>) {
        *self.assets.borrow_mut() = assets;
    }

    /// Says which of Node.js's modules the app has. Called once, before its module is evaluated.
    pub(crate) fn set_node(&self, node: NodeModules) {
        self.node.set(node);
    }

    fn has_node(&self, specifier: &str) -> bool {
        match self.node.get() {
            NodeModules::None => false,
            NodeModules::AsyncHooks => specifier == "node:async_hooks",
            NodeModules::All => NODE_MODULES.contains(&specifier),
        }
    }

    pub(crate) fn asset(&self, index: usize) -> Option<Asset> {
        self.assets.borrow().get(index).cloned()
    }

    fn asset_source(&self, specifier: &ModuleSpecifier) -> Result<ModuleSource, ModuleLoaderError> {
        let assets = self.assets.borrow();
        let index = assets
            .iter()
            .position(|asset| asset.specifier == specifier.as_str())
            .ok_or_else(|| not_found(specifier.as_str()))?;
        let code = format!(
            "import {{ asset }} from \"cellhouse:assets\";\nexport default asset({index});\n"
        );
        Ok(ModuleSource::new(
            ModuleType::JavaScript,
            ModuleSourceCode::String(code.into()),
            specifier,
            None,
        ))
    }
}

fn not_found(specifier: &str) -> ModuleLoaderError {
    JsErrorBox::type_error(format!(
        "there is no module \"{specifier}\"; beside the bundle an app can import {}",
        RUNTIME_MODULES.join(", ")
    ))
}

impl ModuleLoader for Loader {
    fn resolve(
        &self,
        specifier: &str,
        referrer: &str,
        _kind: ResolutionKind,
    ) -> ModuleResolveResponse {
        let inner = referrer.starts_with("cellhouse-asset:") && specifier == "cellhouse:assets"
            || specifier == SERVICE_WORKER;
        let known = RUNTIME_MODULES.contains(&specifier)
            || self.has_node(specifier)
            || specifier == PLATFORM_MODULE
            || specifier.starts_with("cellhouse-asset:")
            || referrer == "." // the main module itself
            || inner;

        if known {
            ModuleSpecifier::parse(specifier).map_err(|_| not_found(specifier))
        } else {
            Err(not_found(specifier))
        }
    }

    fn load(
        &self,
        specifier: &ModuleSpecifier,
        _referrer: Option<&ModuleLoadReferrer>,
        _options: ModuleLoadOptions,
    ) -> ModuleLoadResponse {
        ModuleLoadResponse::Sync(self.asset_source(specifier))
    }
}
