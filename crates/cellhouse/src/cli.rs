//! The arguments of each command, and the help that teaches them.

mod d1;
mod kv;
mod objects;
mod queues;
mod r2;
mod tail;
mod workflows;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use d1::{
    ApplyArguments, D1Arguments, D1Command, DatabaseArguments, ExecuteArguments, ExportArguments,
    MigrationsArguments, MigrationsCommand, NewMigrationArguments, ProjectArguments,
    TimeTravelCommand, TravelInfoArguments, TravelRestoreArguments,
};
pub(crate) use kv::{
    KvArguments, KvBulkArguments, KvBulkCommand, KvBulkDeleteArguments, KvBulkPutArguments,
    KvCommand, KvDataArguments, KvGetArguments, KvKeyArguments, KvKeyCommand, KvListArguments,
    KvNamespaceCommand, KvNamespaceListArguments, KvOfArguments, KvPutArguments,
};
pub(crate) use objects::{
    AlarmArguments, DeleteArguments, GetArguments, ListArguments, NamespaceArguments,
    ObjectArguments, ObjectsArguments, ObjectsCommand, SqlArguments,
};

pub(crate) use queues::{PurgeArguments, QueueArguments, QueuesArguments, QueuesCommand};
pub(crate) use r2::{
    BucketCommand, CreateKeyArguments, DeleteKeyArguments, GetObjectArguments, KeysCommand,
    ObjectCommand, ObjectPathArguments, PutObjectArguments, R2Arguments, R2Command, WhereArguments,
};

pub(crate) use tail::{TailArguments, TailFormat, TailStatus};
pub(crate) use workflows::{
    InstanceArguments, InstanceListArguments, InstancesCommand, SendEventArguments,
    TriggerArguments, WorkflowsArguments, WorkflowsCommand,
};

/// A self-hosted home for Workers and their state.
#[derive(Parser)]
#[command(name = "cellhouse", version, propagate_version = true)]
#[command(after_help = "Start with:  cellhouse dev examples/state\n\
    Then:        curl http://127.0.0.1:8787/\n\n\
    An app is a directory with ploy.yaml, wrangler.toml, wrangler.json or wrangler.jsonc.")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run an app on this machine and reload it on every change
    Dev(DevArguments),
    /// Write env.d.ts: the TypeScript types of an app's bindings
    Types(TypesArguments),
    /// Bundle an app into one file
    Build(BuildArguments),
    /// Copy all data of an app into one file, R2 objects too, while the app runs or not
    Backup(BackupArguments),
    /// Put a backup into an app that has no data yet
    Restore(RestoreArguments),
    /// Check that all data of an app is in order, while the app runs or not
    Doctor(DoctorArguments),
    /// Look at an app's Durable Objects and what they store, and change it, while the app runs or not
    Objects(ObjectsArguments),
    /// Look at an app's KV namespaces and State stores, and change them, while the app runs or not
    Kv(KvArguments),
    /// Look at an app's D1 databases and change them, while the app runs or not: SQL, migrations, export
    D1(D1Arguments),
    /// Look at an app's R2 buckets, read and write objects, and make keys for the S3 API, while the app runs or not
    R2(R2Arguments),
    /// Follow what happens in an app that runs: requests and calls, what they print, exceptions
    Tail(TailArguments),
    /// Look at the Workflows of an app, make instances of them, pause, end and restart these, while the app runs or not
    Workflows(WorkflowsArguments),
    /// Look at the queues of an app, empty them, and hold their messages back, while the app runs or not
    Queues(QueuesArguments),
}

/// Which app a command is about.
#[derive(Args, Clone)]
pub(crate) struct AppArguments {
    /// The app's directory
    #[arg(default_value = ".", value_name = "DIR")]
    pub(crate) directory: PathBuf,
    /// The config file, if it is not one of the usual names in DIR
    #[arg(short, long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The environment: `env.NAME` of a wrangler config, and .dev.vars.NAME
    #[arg(short, long, value_name = "NAME")]
    pub(crate) env: Option<String>,
}

impl AppArguments {
    /// What the config crate is asked to read.
    pub(crate) fn path(&self) -> PathBuf {
        match &self.config {
            Some(config) if config.is_absolute() || config.exists() => config.clone(),
            Some(config) => self.directory.join(config),
            None => self.directory.clone(),
        }
    }
}

/// Which apps are run together.
#[derive(Args, Clone)]
pub(crate) struct DevAppArguments {
    /// The app's directory, or that of a workspace (ploy-workspace.yaml)
    #[arg(default_value = ".", value_name = "DIR")]
    pub(crate) directory: PathBuf,
    /// The config file, if it is not one of the usual names in DIR. Given again, it names an app that runs beside the
    /// first one, for its service bindings
    #[arg(short, long, value_name = "FILE")]
    pub(crate) config: Vec<PathBuf>,
    /// The environment: `env.NAME` of a wrangler config, and .dev.vars.NAME
    #[arg(short, long, value_name = "NAME")]
    pub(crate) env: Option<String>,
    /// Of several apps, run only these
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub(crate) project: Vec<String>,
}

#[derive(Args)]
pub(crate) struct DevArguments {
    #[command(flatten)]
    pub(crate) app: DevAppArguments,
    /// The port to listen on; 0 takes any free one [default: the config's dev.port, or 8787]
    #[arg(short, long, env = "CELLHOUSE_PORT")]
    pub(crate) port: Option<u16>,
    /// The address to listen on [default: the config's, or 127.0.0.1]
    #[arg(long, env = "CELLHOUSE_HOST")]
    pub(crate) host: Option<String>,
    /// Where data is kept [default: .cellhouse beside the config]
    #[arg(long, env = "CELLHOUSE_STORE", value_name = "PATH")]
    pub(crate) store: Option<String>,
    /// The Cache: `memory`, or the URL of a Redis or Valkey: redis://, rediss://, redis-cluster://
    #[arg(
        long,
        env = "CELLHOUSE_CACHE",
        default_value = "memory",
        value_name = "URL"
    )]
    pub(crate) cache: String,
    /// The most memory that the Cache may take, in MB
    #[arg(long, default_value_t = 256, value_name = "MB")]
    pub(crate) cache_limit_mb: u64,
    /// The most that responses in the Cache API (`caches`) may take, in MB: on disk, and an eighth of it in memory
    #[arg(long, default_value_t = 1024, value_name = "MB")]
    pub(crate) caches_limit_mb: u64,
    /// The port of the S3 API on the app's R2 buckets; 0 takes any free one [default: there is none]
    #[arg(long, env = "CELLHOUSE_S3_PORT", value_name = "PORT")]
    pub(crate) s3_port: Option<u16>,
    /// The address of the S3 API
    #[arg(
        long,
        env = "CELLHOUSE_S3_HOST",
        default_value = "127.0.0.1",
        value_name = "HOST"
    )]
    pub(crate) s3_host: String,
    /// Let migrations delete classes with all that their objects have stored, without asking
    #[arg(long)]
    pub(crate) delete_classes: bool,
    /// Do not reload when files change
    #[arg(long)]
    pub(crate) no_watch: bool,
    /// Print one JSON object for each line of the log
    #[arg(long)]
    pub(crate) json: bool,
    /// Do not print a line for each request
    #[arg(long)]
    pub(crate) no_request_log: bool,
    /// The most CPU time that one event may take, in milliseconds [default: the config's, or 30000]
    #[arg(long, value_name = "MS")]
    pub(crate) cpu_limit_ms: Option<u64>,
    /// The most memory that one isolate may take, in MB
    #[arg(long, default_value_t = 128, value_name = "MB")]
    pub(crate) memory_limit_mb: usize,
    /// The most isolates to run [default: one for each core]
    #[arg(long, value_name = "N")]
    pub(crate) isolates: Option<usize>,
    /// The largest request body to accept, in MB
    #[arg(long, default_value_t = 100, value_name = "MB")]
    pub(crate) max_body_mb: u64,
}

#[derive(Args)]
pub(crate) struct TypesArguments {
    #[command(flatten)]
    pub(crate) app: AppArguments,
    /// The file to write, relative to the app's directory
    #[arg(short, long, default_value = "env.d.ts", value_name = "FILE")]
    pub(crate) output: PathBuf,
}

#[derive(Args)]
pub(crate) struct BuildArguments {
    #[command(flatten)]
    pub(crate) app: AppArguments,
    /// The directory to write, relative to the app's
    #[arg(short, long, default_value = "dist", value_name = "DIR")]
    pub(crate) outdir: PathBuf,
    /// Make the output small
    #[arg(long)]
    pub(crate) minify: bool,
}

/// Whose data a command is about.
#[derive(Args)]
pub(crate) struct DataArguments {
    /// The app's directory
    #[arg(default_value = ".", value_name = "DIR")]
    app: PathBuf,
    /// Where the data is [default: .cellhouse in DIR]
    #[arg(long, env = "CELLHOUSE_STORE", value_name = "PATH")]
    store: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl DataArguments {
    /// The data directory.
    pub(crate) fn directory(&self) -> PathBuf {
        crate::dev::data_directory(&self.app, self.store.as_deref())
    }
}

#[derive(Args)]
pub(crate) struct BackupArguments {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    /// The file to write; it must not be there yet
    #[arg(long, value_name = "FILE")]
    pub(crate) to: PathBuf,
    /// Go on without bodies of R2 objects whose files are missing, and list them
    #[arg(long)]
    pub(crate) allow_missing: bool,
}

#[derive(Args)]
pub(crate) struct RestoreArguments {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    /// The file that `cellhouse backup` wrote
    #[arg(long, value_name = "FILE")]
    pub(crate) from: PathBuf,
}

#[derive(Args)]
pub(crate) struct DoctorArguments {
    #[command(flatten)]
    pub(crate) data: DataArguments,
}
