//! User code to one ES module.
//!
//! Takes a Worker written in TypeScript or JavaScript with all that it imports, and makes one
//! module of it, with a source map, the files it imports as they are, and the list of what to
//! watch. It also runs a config's build command. It never runs user code, and fetches nothing.

mod apart;
mod assets;
mod bundle;
mod command;
mod decorators;
mod diagnostic;
mod entry;
mod fs;
mod globs;
mod locals;
mod loops;
mod modules;
mod options;
mod paths;
mod plugin;
mod require;
mod rules;
mod sets;
mod settings;
mod source_map;
mod stack;
mod tsconfig;
mod type_exports;
mod unresolved;
mod worker;

pub use assets::{ASSET_SCHEME, Asset, AssetKind};
pub use bundle::{Bundle, bundle};
pub use command::{BUILD_COMMAND_RUNNING, BuildCommandError, Output, run_build_command};
pub use diagnostic::{Diagnostic, Error, Label, Report, Severity};
pub use options::{BuiltinPackage, Mode, Options, Rule, RuleKind};
pub use source_map::{Original, SourceMap};
pub use worker::release_memory_with;
