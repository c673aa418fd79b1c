//! What an app finds in `env`: each binding's name, kind and place in the config.
//!
//! Also the one list of what this part of Cellhouse does not have yet.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value as Json;

use crate::source::Location;

/// One name in `env`.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// The name in `env`. It obeys the rules of the config's style.
    pub name: String,
    /// What is behind it.
    pub kind: BindingKind,
    /// Where the name is written.
    pub source: Location,
}

impl Binding {
    /// The store behind State, Cache, KV and D1 in development. As in `wrangler dev`, the preview's id counts
    /// where it is set, and what has no id is called as its binding.
    pub fn store(&self) -> Option<&str> {
        match &self.kind {
            BindingKind::State { store } | BindingKind::Cache { store } => Some(store),
            BindingKind::Kv { id, preview_id } => {
                Some(preview_id.as_ref().or(id.as_ref()).unwrap_or(&self.name))
            }
            BindingKind::PloyDb { database } => Some(database),
            BindingKind::D1 {
                database_id,
                database_name,
                preview_database_id,
                ..
            } => {
                let id = preview_database_id.as_ref().or(database_id.as_ref());
                Some(id.or(database_name.as_ref()).unwrap_or(&self.name))
            }
            _ => None,
        }
    }
}

/// What is behind a binding.
#[derive(Clone, Debug, PartialEq)]
pub enum BindingKind {
    /// Ploy's durable store.
    State {
        /// The store's name.
        store: String,
    },
    /// Ploy's ephemeral store.
    Cache {
        /// The store's name.
        store: String,
    },
    /// A KV namespace.
    Kv {
        /// The namespace.
        id: Option<String>,
        /// The namespace for development against Cloudflare.
        preview_id: Option<String>,
    },
    /// A namespace of Durable Objects.
    DurableObject {
        /// The class.
        class_name: String,
        /// The script that exports it, if not this one.
        script_name: Option<String>,
        /// The environment of that script.
        environment: Option<String>,
    },
    /// A D1 database.
    D1 {
        /// For the command line.
        database_name: Option<String>,
        /// The database.
        database_id: Option<String>,
        /// The database to use in development instead.
        preview_database_id: Option<String>,
        /// Absolute.
        migrations_dir: PathBuf,
        /// The table that records what was applied.
        migrations_table: String,
        /// A glob over the migrations, relative to their directory.
        migrations_pattern: Option<String>,
    },
    /// Ploy's database, with the D1 interface.
    PloyDb {
        /// The database's name.
        database: String,
    },
    /// An R2 bucket.
    R2 {
        /// The bucket.
        bucket_name: Option<String>,
        /// The bucket to use in development instead.
        preview_bucket_name: Option<String>,
        /// `eu`, `fedramp`.
        jurisdiction: Option<String>,
    },
    /// Another app, or another entrypoint of this one.
    Service {
        /// The app.
        service: String,
        /// The exported class, if not the default export.
        entrypoint: Option<String>,
        /// The app's environment.
        environment: Option<String>,
        /// What the entrypoint finds in `ctx.props`.
        props: Option<Json>,
    },
    /// The static files of the app.
    Assets,
    /// A queue to send to.
    Queue {
        /// The queue. Wrangler may leave it out.
        queue: Option<String>,
        /// Seconds until a message is delivered that does not say.
        delivery_delay: Option<u32>,
    },
    /// Cloudflare's rate limiting.
    RateLimit {
        /// Bindings with the same one count together.
        namespace: String,
        /// Calls with one key that succeed in each period.
        limit: u32,
        /// Seconds: 10 or 60.
        period: u32,
    },
    /// Ploy's workflows, handlers of the default export.
    PloyWorkflow {
        /// The handler.
        name: String,
        /// Of the whole run.
        timeout: Duration,
        /// Of one step; at most `timeout`.
        step_timeout: Duration,
        /// Of one step.
        retries: u32,
    },
    /// Cloudflare's Workflows, classes of the script.
    Workflow {
        /// The workflow.
        name: String,
        /// The class.
        class_name: String,
        /// The script that exports it, if not this one.
        script_name: Option<String>,
        /// Steps of an instance at most, if it says.
        max_steps: Option<u32>,
    },
    /// Ploy's file storage.
    Fs {
        /// The storage's name.
        storage: String,
    },
    /// Ploy's timers.
    Timer {
        /// The timers' name.
        timer: String,
    },
    /// Ploy's sandboxes.
    Sandbox {
        /// The sandbox's name.
        sandbox: String,
    },
    /// The id and the time of the code that runs.
    VersionMetadata,
    /// Where data points are written, which nobody reads here.
    AnalyticsEngine,
    /// A database by its connection string.
    Hyperdrive {
        /// The string for development.
        local: Option<String>,
    },
    /// A secret of a Secrets Store.
    StoredSecret {
        /// What the store calls it.
        secret: String,
        /// The value that a variable file gives to the binding's name.
        value: Option<String>,
    },
    /// Models.
    Ai,
    /// Ploy's users.
    Auth,
    /// A product of Cloudflare's that has no settings of interest here.
    Other {
        /// What Cloudflare calls it, such as `Vectorize index`.
        product: &'static str,
        /// The binding as the config has it.
        settings: Json,
    },
}

impl BindingKind {
    /// What messages call it: `State store`, `D1 database`.
    pub fn product(&self) -> &'static str {
        match self {
            Self::State { .. } => "State store",
            Self::Cache { .. } => "Cache store",
            Self::Kv { .. } => "KV namespace",
            Self::DurableObject { .. } => "Durable Object namespace",
            Self::D1 { .. } => "D1 database",
            Self::PloyDb { .. } => "database",
            Self::R2 { .. } => "R2 bucket",
            Self::Service { .. } => "service binding",
            Self::Assets => "assets binding",
            Self::Queue { .. } => "queue",
            Self::RateLimit { .. } => "rate limit",
            Self::PloyWorkflow { .. } | Self::Workflow { .. } => "workflow",
            Self::Fs { .. } => "file storage",
            Self::Timer { .. } => "timer",
            Self::Sandbox { .. } => "sandbox",
            Self::VersionMetadata => "version metadata",
            Self::AnalyticsEngine => "Analytics Engine dataset",
            Self::Hyperdrive { .. } => "Hyperdrive config",
            Self::StoredSecret { .. } => "Secrets Store secret",
            Self::Ai => "AI binding",
            Self::Auth => "auth binding",
            Self::Other { product, .. } => product,
        }
    }

    /// `None` if this part of Cellhouse runs it; otherwise what is not there yet.
    pub fn not_yet(&self) -> Option<&'static str> {
        match self {
            Self::State { .. }
            | Self::Cache { .. }
            | Self::Kv { .. }
            | Self::DurableObject { .. }
            | Self::D1 { .. }
            | Self::R2 { .. }
            | Self::Assets
            | Self::PloyDb { .. }
            | Self::Service { .. }
            | Self::Queue { .. }
            | Self::RateLimit { .. }
            | Self::Timer { .. }
            | Self::PloyWorkflow { .. }
            | Self::Workflow { .. }
            | Self::VersionMetadata
            | Self::AnalyticsEngine
            | Self::Hyperdrive { .. }
            | Self::StoredSecret { .. }
            | Self::Fs { .. } => None,
            other => Some(other.product()),
        }
    }
}
