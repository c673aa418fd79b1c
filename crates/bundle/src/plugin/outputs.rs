//! What the hooks of the plugin answer.

use rolldown::ModuleType;
use rolldown_common::{ResolvedExternal, side_effects::HookSideEffects};
use rolldown_plugin::{HookLoadOutput, HookResolveIdOutput};
use rolldown_resolver::ResolveReturn;

use crate::assets::AssetKind;
use crate::modules::Module;

pub(super) fn code(text: String, module_type: ModuleType) -> HookLoadOutput {
    HookLoadOutput {
        code: text.into(),
        module_type: Some(module_type),
        ..Default::default()
    }
}

pub(super) fn asset_module(kind: AssetKind, path: &str) -> HookResolveIdOutput {
    HookResolveIdOutput {
        id: Module::Asset(kind, path).id().into(),
        side_effects: Some(HookSideEffects::False),
        ..Default::default()
    }
}

/// A file with the package.json that says what kind of module it is.
pub(super) fn located(found: ResolveReturn) -> HookResolveIdOutput {
    let package_json = found.package_json.as_ref();
    let package_json_path = package_json.and_then(|it| Some(it.realpath().to_str()?.to_owned()));
    HookResolveIdOutput {
        id: found.path,
        package_json_path,
        ..Default::default()
    }
}

pub(super) fn external(specifier: &str) -> HookResolveIdOutput {
    HookResolveIdOutput {
        id: specifier.into(),
        external: Some(ResolvedExternal::Bool(true)),
        side_effects: Some(HookSideEffects::False),
        ..Default::default()
    }
}
