//! The arguments of `cellhouse d1`, those of `wrangler d1` where it has them.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::AppArguments;

#[derive(Args)]
#[command(after_help = "Examples:\n  \
    cellhouse d1 list\n  \
    cellhouse d1 execute DB --command \"SELECT * FROM users LIMIT 10\"\n  \
    cellhouse d1 execute DB --file seed.sql\n  \
    cellhouse d1 migrations create DB add-users\n  \
    cellhouse d1 migrations apply DB\n  \
    cellhouse d1 export DB --output backup.sql\n  \
    cellhouse d1 time-travel restore DB --timestamp 2026-11-21T10:00:00Z\n\n\
    DATABASE is the name of a binding, or the name or id of its database in the config.\n\n\
    Exit codes: 0 done, 1 it failed, 2 the request was wrong (SQL too), 3 there is no such database.")]
pub(crate) struct D1Arguments {
    #[command(subcommand)]
    pub(crate) command: D1Command,
}

#[derive(Subcommand)]
pub(crate) enum D1Command {
    /// List the databases of an app
    List(ProjectArguments),
    /// Show what is known of a database: its size, how many tables it has
    Info(DatabaseArguments),
    /// Run SQL on a database
    Execute(ExecuteArguments),
    /// Write a database as SQL
    Export(ExportArguments),
    /// Make, list and apply migrations
    #[command(subcommand)]
    Migrations(MigrationsCommand),
    /// Bring back what a database was
    #[command(subcommand)]
    TimeTravel(TimeTravelCommand),
}

/// Which app a command is about.
#[derive(Args)]
pub(crate) struct ProjectArguments {
    /// The app's directory
    #[arg(short = 'C', long = "dir", default_value = ".", value_name = "DIR")]
    directory: PathBuf,
    /// The config file, if it is not one of the usual names in DIR
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The environment: `env.NAME` of a wrangler config
    #[arg(short, long, value_name = "NAME")]
    env: Option<String>,
    /// Where the data is [default: .cellhouse beside the config]
    #[arg(long, env = "CELLHOUSE_STORE", value_name = "PATH")]
    pub(crate) store: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl ProjectArguments {
    pub(crate) fn app(&self) -> AppArguments {
        AppArguments {
            directory: self.directory.clone(),
            config: self.config.clone(),
            env: self.env.clone(),
        }
    }
}

/// Which database a command is about.
#[derive(Args)]
pub(crate) struct DatabaseArguments {
    /// The binding, or the name or id of its database
    #[arg(value_name = "DATABASE")]
    pub(crate) database: String,
    #[command(flatten)]
    pub(crate) of: ProjectArguments,
}

#[derive(Args)]
#[command(
    after_help = "All statements are one transaction: they are done wholly or not at all.\n\n\
    With --json: [{\"results\", \"success\", \"meta\"}], one for each statement of --command."
)]
pub(crate) struct ExecuteArguments {
    #[command(flatten)]
    pub(crate) of: DatabaseArguments,
    /// The SQL to run, one or more statements
    #[arg(
        long,
        value_name = "SQL",
        conflicts_with = "file",
        required_unless_present = "file"
    )]
    pub(crate) command: Option<String>,
    /// A file of SQL to run, of any size
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct ExportArguments {
    #[command(flatten)]
    pub(crate) of: DatabaseArguments,
    /// The file to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Only this table; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(crate) table: Vec<String>,
    /// Only the rows
    #[arg(long)]
    pub(crate) no_schema: bool,
    /// Only what makes tables, indexes, triggers and views
    #[arg(long, conflicts_with = "no_schema")]
    pub(crate) no_data: bool,
}

#[derive(Subcommand)]
pub(crate) enum MigrationsCommand {
    /// Make the file of a new migration
    Create(NewMigrationArguments),
    /// List the migrations that are not applied yet
    List(MigrationsArguments),
    /// Apply the migrations that are not applied yet, each in a transaction
    Apply(ApplyArguments),
}

#[derive(Args)]
pub(crate) struct MigrationsArguments {
    #[command(flatten)]
    pub(crate) of: DatabaseArguments,
}

#[derive(Args)]
pub(crate) struct NewMigrationArguments {
    #[command(flatten)]
    pub(crate) of: DatabaseArguments,
    /// What it does, for its name
    #[arg(value_name = "MESSAGE")]
    pub(crate) message: String,
}

#[derive(Args)]
pub(crate) struct ApplyArguments {
    #[command(flatten)]
    pub(crate) of: DatabaseArguments,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
}

#[derive(Subcommand)]
pub(crate) enum TimeTravelCommand {
    /// Show the bookmark of a database: of now, or of a moment in the last 30 days
    Info(TravelInfoArguments),
    /// Make a database what it was at a moment or a bookmark
    Restore(TravelRestoreArguments),
}

#[derive(Args)]
pub(crate) struct TravelInfoArguments {
    #[command(flatten)]
    pub(crate) of: DatabaseArguments,
    /// A moment: 2026-11-21T10:00:00Z, or seconds since 1970
    #[arg(long, value_name = "TIME")]
    pub(crate) timestamp: Option<String>,
}

#[derive(Args)]
pub(crate) struct TravelRestoreArguments {
    #[command(flatten)]
    pub(crate) of: DatabaseArguments,
    /// A moment: 2026-11-21T10:00:00Z, or seconds since 1970
    #[arg(
        long,
        value_name = "TIME",
        conflicts_with = "bookmark",
        required_unless_present = "bookmark"
    )]
    pub(crate) timestamp: Option<String>,
    /// A bookmark that `info` or an earlier `restore` has shown
    #[arg(long, value_name = "BOOKMARK")]
    pub(crate) bookmark: Option<String>,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
}
