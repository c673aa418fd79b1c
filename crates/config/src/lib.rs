//! The four config formats into one checked [`App`], with places for errors.
//!
//! [`load`] reads `ploy.yaml`, `wrangler.toml`, `wrangler.json` or `wrangler.jsonc` and the variable
//! files beside it. Everything that is wrong is reported at once, each thing with its file, line
//! and the words to underline. This crate reads configs and nothing else: it runs no command,
//! looks into no process environment and leaves user code alone.

mod app;
mod binding;
mod cron;
mod date;
mod diagnostic;
mod discover;
mod env_file;
mod flags;
mod load;
mod names;
mod not_yet;
mod peers;
mod place;
mod ploy;
mod reader;
mod redirect;
mod shared;
mod source;
mod syntax;
mod tree;
mod unique;
mod vars;
mod workspace;
mod wrangler;

pub use self::app::{
    App, Assets, BuildCommand, BundleOptions, ClassExport, ClassState, ClassStorage, Cron, Dev,
    ENTRY_NAMES, HtmlHandling, Kind, Limits, LogLevel, Migration, ModuleKind, ModuleRule,
    NotFoundHandling, QueueConsumer, RenamedClass, RunWorkerFirst, Style, TailConsumer,
    TransferredClass,
};
pub use self::binding::{Binding, BindingKind};
pub use self::date::{CompatibilityDate, DateError};
pub use self::diagnostic::{ConfigError, Diagnostic, Severity};
pub use self::flags::compatibility_flags;
pub use self::load::{Loaded, load, load_own};
pub use self::peers::{check_peers, peer_name};
pub use self::source::{Location, Source, Span};
pub use self::workspace::{Workspace, workspace};
