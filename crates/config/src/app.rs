//! The checked app that both styles of config end in.
//!
//! All paths are absolute, all names obey their rules, and everything that can be pointed at keeps
//! its place in the file. No defaults are left to guess except where a field is an `Option`.

mod files;
mod objects;
mod queues;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value as Json;

pub use self::files::{
    Assets, BundleOptions, HtmlHandling, ModuleKind, ModuleRule, NotFoundHandling, RunWorkerFirst,
};
pub use self::objects::{
    ClassExport, ClassState, ClassStorage, Migration, RenamedClass, TransferredClass,
};
pub use self::queues::QueueConsumer;
use crate::binding::Binding;
use crate::date::CompatibilityDate;
use crate::diagnostic::{ConfigError, Diagnostic};
use crate::source::Location;

/// Whose config format an app is written in; it also decides where variables appear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `ploy.yaml`: variables are in `env.vars`, which is always there.
    Ploy,
    /// `wrangler.toml`, `.json` or `.jsonc`: variables are in `env` itself.
    Wrangler,
}

/// What an app is. Only [`Kind::Worker`] and [`Kind::Dynamic`] have code to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A Worker script.
    Worker,
    /// Ploy's other word for a Worker script, with a build before it.
    Dynamic,
    /// Files only.
    Static,
    /// A Next.js site.
    NextJs,
}

impl Kind {
    /// As it is written in `ploy.yaml`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Worker => "worker",
            Self::Dynamic => "dynamic",
            Self::Static => "static",
            Self::NextJs => "nextjs",
        }
    }

    /// Whether there is a script to run.
    pub fn runs(self) -> bool {
        matches!(self, Self::Worker | Self::Dynamic)
    }
}

/// One app: a script with its bindings, read from one config file.
#[derive(Clone, Debug)]
pub struct App {
    /// The app's name; from the directory if the config gives none.
    pub name: String,
    /// The format of the config.
    pub style: Style,
    /// Worker for every wrangler config.
    pub kind: Kind,
    /// The config's directory, absolute. Relative paths of the config start here.
    pub root: PathBuf,
    /// Where the app's variable files and its data are, absolute: `root`, unless a build tool made the config.
    pub home: PathBuf,
    /// The config file, absolute.
    pub config_path: PathBuf,
    /// The `env.NAME` section in use (wrangler).
    pub environment: Option<String>,
    /// What the config names as the script, absolute. It need not exist yet: a build may make it.
    /// Use [`App::entry`] to find the script.
    pub main: Option<PathBuf>,
    /// Where `main` is written.
    pub main_at: Option<Location>,
    /// Ploy's `base`, absolute.
    pub base: Option<PathBuf>,
    /// Ploy's `out`, absolute.
    pub out: Option<PathBuf>,
    /// Ploy's default or [`CompatibilityDate::NEWEST`] if the config gives none.
    pub compatibility_date: CompatibilityDate,
    /// For Ploy style these begin with the flag that Ploy always sets, `nodejs_compat_v2`.
    pub compatibility_flags: Vec<String>,
    /// A shell command to run before bundling.
    pub build: Option<BuildCommand>,
    /// Variables after `.env` or `.dev.vars`, in the order in which they were first set.
    pub vars: Vec<(String, Json)>,
    /// Names of secrets (`secrets.required`), if the config declares them. Then variable files
    /// give only these and what `vars` has.
    pub required_secrets: Option<Vec<String>>,
    /// Bindings in the order of the file; names are unique, also against `vars`.
    pub bindings: Vec<Binding>,
    /// Durable Object migrations in order; tags are unique.
    pub migrations: Vec<Migration>,
    /// Durable Object classes declared by `exports`, wrangler's other way. Empty if there are
    /// migrations.
    pub class_exports: Vec<ClassExport>,
    /// Schedules of the `scheduled` handler, in UTC.
    pub crons: Vec<Cron>,
    /// The apps that get what happens in this one.
    pub tail_consumers: Vec<TailConsumer>,
    /// Queues that the script receives from (wrangler). Each queue is there once.
    pub consumers: Vec<QueueConsumer>,
    /// Static files.
    pub assets: Option<Assets>,
    /// Which files are imported as what, before the built-in rules.
    pub rules: Vec<ModuleRule>,
    /// What the config says about bundling.
    pub bundle: BundleOptions,
    /// The local server.
    pub dev: Dev,
    /// Limits of one invocation.
    pub limits: Limits,
    /// Ploy's `log_level`.
    pub log_level: Option<LogLevel>,
    /// Ploy's `skew_protection`.
    pub skew_protection: Option<bool>,
    /// Ploy's `agentRules`, true unless switched off.
    pub agent_rules: bool,
}

/// Files that are looked for when a config names no script, in this order.
pub const ENTRY_NAMES: [&str; 4] = ["index.ts", "index.js", "src/index.ts", "src/index.js"];

impl App {
    /// The binding of that name.
    pub fn binding(&self, name: &str) -> Option<&Binding> {
        self.bindings.iter().find(|binding| binding.name == name)
    }

    /// Whether there is a script at all. As in wrangler, a config with `assets` and without `main` has only files.
    pub fn has_script(&self) -> bool {
        self.style != Style::Wrangler || self.main.is_some() || self.assets.is_none()
    }

    /// Every path that can be the script: what the config names, or the usual names in order.
    pub fn entry_candidates(&self) -> Vec<PathBuf> {
        match &self.main {
            Some(main) => vec![main.clone()],
            None => ENTRY_NAMES
                .iter()
                .map(|name| self.root.join(name))
                .collect(),
        }
    }

    /// The script, looked for now: call it after the build command has run.
    ///
    /// # Errors
    /// One error that names every path that was tried, pointing at `main` if the config has it.
    pub fn entry(&self) -> Result<PathBuf, ConfigError> {
        let candidates = self.entry_candidates();
        match candidates.iter().find(|path| path.is_file()) {
            Some(found) => Ok(found.clone()),
            None => Err(self.no_entry(&candidates)),
        }
    }

    fn no_entry(&self, candidates: &[PathBuf]) -> ConfigError {
        let tried: Vec<_> = candidates.iter().map(|path| self.shown(path)).collect();
        let message = format!("entry not found: looked for {}", tried.join(", "));
        let diagnostic = match &self.main_at {
            Some(at) => Diagnostic::error(message)
                .label(at, "no such file")
                .help("write the path of the script, relative to this file; if a build makes it, run that first"),
            None => Diagnostic::error(message)
                .in_file(&self.config_path)
                .help("name the script with `main`, or create one of these files"),
        };
        ConfigError {
            files: [vec![self.config_path.clone()], candidates.to_vec()].concat(),
            ..ConfigError::one(diagnostic)
        }
    }

    fn shown(&self, path: &Path) -> String {
        let relative = path.strip_prefix(&self.root).unwrap_or(path);
        relative.display().to_string()
    }
}

/// A command that makes the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildCommand {
    /// For `sh -c`.
    pub command: String,
    /// Where it runs, absolute.
    pub cwd: PathBuf,
    /// Directories whose changes run it again, absolute.
    pub watch: Vec<PathBuf>,
    /// Where it is written.
    pub at: Location,
}

/// A schedule of the `scheduled` handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    /// The key in `ploy.yaml`; wrangler's have no names.
    pub name: Option<String>,
    /// As written. Its rules are those of the app's [`Style`].
    pub expression: String,
    /// Where it is written.
    pub at: Location,
}

/// An app whose `tail()` handler gets what happens in another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TailConsumer {
    /// The app's name.
    pub service: String,
    /// The app's environment.
    pub environment: Option<String>,
    /// Where it is written.
    pub at: Location,
}

/// The local server. Command-line flags go before these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dev {
    /// Never 0.
    pub port: Option<u16>,
    /// The address to listen on: Ploy's `dev.host`, wrangler's `dev.ip`.
    pub host: Option<String>,
    /// The host that the script sees in request URLs: wrangler's `dev.host`.
    pub upstream_host: Option<String>,
    /// Where these are written, for errors about a port in use.
    pub at: Option<Location>,
}

/// Limits of one invocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// CPU time.
    pub cpu: Option<Duration>,
    /// Number of outgoing requests.
    pub subrequests: Option<u32>,
}

/// Ploy's `log_level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Everything.
    Trace,
    /// For finding faults.
    Debug,
    /// The usual.
    Info,
    /// What may be wrong.
    Warn,
    /// What is wrong.
    Error,
}
