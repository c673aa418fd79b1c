//! The arguments of `cellhouse objects`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::AppArguments;

#[derive(Args)]
#[command(after_help = "Examples:\n  \
    cellhouse objects list Counter\n  \
    cellhouse objects show COUNTERS visits\n  \
    cellhouse objects get Counter visits value --json\n  \
    cellhouse objects sql Room lobby \"SELECT * FROM messages LIMIT 10\"\n  \
    cellhouse objects alarm Reminder tomorrow --fire\n  \
    cellhouse objects delete Counter visits --dir my-app\n\n\
    NAMESPACE is a class, or the name of its binding. An object is named by its name or by its id\n\
    (64 hexadecimal digits).\n\n\
    Exit codes: 0 done, 1 it failed, 2 the request was wrong, 3 there is no such object, key or alarm.")]
pub(crate) struct ObjectsArguments {
    #[command(subcommand)]
    pub(crate) command: ObjectsCommand,
}

#[derive(Subcommand)]
pub(crate) enum ObjectsCommand {
    /// List the objects of a class: all that have stored anything
    List(ListArguments),
    /// Show what is known of one object: id, name, size, alarm, keys, tables
    Show(ObjectArguments),
    /// Print what an object has stored, under one key or under all
    Get(GetArguments),
    /// Run SQL on the database of an object, in one transaction
    Sql(SqlArguments),
    /// Delete an object with all that it has stored, and end what runs of it
    Delete(DeleteArguments),
    /// Show when the alarm of an object is set for, run it now, or delete it
    Alarm(AlarmArguments),
}

/// Whose objects a command is about.
#[derive(Args)]
pub(crate) struct NamespaceArguments {
    /// The class, or the name of its binding
    #[arg(value_name = "NAMESPACE")]
    pub(crate) namespace: String,
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

impl NamespaceArguments {
    pub(crate) fn app(&self) -> AppArguments {
        AppArguments {
            directory: self.directory.clone(),
            config: self.config.clone(),
            env: self.env.clone(),
        }
    }
}

/// Which object a command is about.
#[derive(Args)]
pub(crate) struct ObjectArguments {
    #[command(flatten)]
    pub(crate) of: NamespaceArguments,
    /// The object's name, or its id
    #[arg(value_name = "ID|NAME")]
    pub(crate) object: String,
}

#[derive(Args)]
#[command(
    after_help = "With --json each object is one line: {\"id\", \"name\", \"bytes\", \"alarm\"};\n\
    an alarm is in milliseconds since 1970."
)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    pub(crate) of: NamespaceArguments,
    /// Only objects whose name begins so, by name
    #[arg(long, value_name = "TEXT")]
    pub(crate) prefix: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u64>,
}

#[derive(Args)]
#[command(
    after_help = "With --json and a KEY its value is printed. With --json alone each key is one line:\n\
    {\"key\", \"value\"}, or {\"key\", \"text\"} where JSON has no such value (a Map, a cycle, undefined)."
)]
pub(crate) struct GetArguments {
    #[command(flatten)]
    pub(crate) object: ObjectArguments,
    /// The key [default: all keys]
    #[arg(value_name = "KEY")]
    pub(crate) key: Option<String>,
}

#[derive(Args)]
#[command(after_help = "Examples:\n  \
    cellhouse objects sql Room lobby \"SELECT name, sql FROM sqlite_schema\"\n  \
    cellhouse objects sql Room lobby \"DELETE FROM messages WHERE id < 100\"\n\n\
    All statements are one transaction: it is written wholly or not at all. It takes its turn with\n\
    those of the object. The rules are those of storage.sql. What the object's code has read into\n\
    its memory stays as it is.\n\n\
    With --json: {\"rows\", \"rows_written\"}; a BLOB is {\"hex\"}, an infinite REAL is {\"real\"}.")]
pub(crate) struct SqlArguments {
    #[command(flatten)]
    pub(crate) object: ObjectArguments,
    /// One or more statements; the rows of the last one are printed
    #[arg(value_name = "SQL")]
    pub(crate) text: String,
}

#[derive(Args)]
pub(crate) struct DeleteArguments {
    #[command(flatten)]
    pub(crate) object: ObjectArguments,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
}

#[derive(Args)]
#[command(
    after_help = "--fire returns when the alarm's handler has ended. When the handler threw, the exit code is 1,\n\
    and the log of the app tells why."
)]
pub(crate) struct AlarmArguments {
    #[command(flatten)]
    pub(crate) object: ObjectArguments,
    /// Run it now, in the app that runs
    #[arg(long, conflicts_with = "delete")]
    pub(crate) fire: bool,
    /// Delete it
    #[arg(long)]
    pub(crate) delete: bool,
}
