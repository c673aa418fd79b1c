//! Modules that an app may import beside its own bundle: the runtime's, and the bundle's assets.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use deno_core::error::ModuleLoaderError;
use deno_core::{
    ModuleLoadOptions, ModuleLoadReferrer, ModuleLoadResponse, ModuleLoader, ModuleResolveResponse,
    ModuleSource, ModuleSourceCode, ModuleSpecifier, ModuleType, ResolutionKind,
};
use deno_error::JsErrorBox;

use crate::spec::Asset;

/// Specifiers that exist at run time without being bundled.
pub const RUNTIME_MODULES: &[&str] = &["cloudflare:workers"];

/// What built-in packages import: objects that nothing configures, and what else the runtime has for them.
pub const PLATFORM_MODULE: &str = "cellhouse:platform";

/// Resolves what is left to import in a bundle.
#[derive(Default)]
pub(crate) struct Loader {
    assets: RefCell<Arc<[Asset]>>,
}

impl Loader {
    pub(crate) fn new() -> Rc<Self> {
        Rc::new(Loader::default())
    }

    /// Makes an app's assets importable. Called once, before its module is evaluated.
    pub(crate) fn set_assets(&self, assets: Arc<[Asset]>) {
        *self.assets.borrow_mut() = assets;
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
        let inner = referrer.starts_with("cellhouse-asset:") && specifier == "cellhouse:assets";
        let known = RUNTIME_MODULES.contains(&specifier)
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
