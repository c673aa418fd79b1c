//! The arguments of `cellhouse kv`: those of `wrangler kv`, and where the data is.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::AppArguments;

#[derive(Args)]
#[command(after_help = "Examples:\n  \
    cellhouse kv namespace list\n  \
    cellhouse kv key put greeting hello --binding MY_KV --ttl 3600\n  \
    cellhouse kv key put logo --path logo.png --binding MY_KV\n  \
    cellhouse kv key get logo --binding MY_KV > logo.png\n  \
    cellhouse kv key list --binding MY_KV --prefix user: --json\n  \
    cellhouse kv bulk put entries.json --binding MY_KV\n\n\
    The commands and their options are those of `wrangler kv`. They work on the data of `cellhouse dev`,\n\
    while it runs (a Worker sees the change at once) or not. Stores of State in ploy.yaml are namespaces too.\n\n\
    Exit codes: 0 done, 1 it failed, 2 the request was wrong (nothing was changed), 3 there is no such key.")]
pub(crate) struct KvArguments {
    #[command(subcommand)]
    pub(crate) command: KvCommand,
}

#[derive(Subcommand)]
pub(crate) enum KvCommand {
    /// Read, write, list and delete single keys
    #[command(subcommand)]
    Key(KvKeyCommand),
    /// Read, write and delete the many keys of a file
    #[command(subcommand)]
    Bulk(KvBulkCommand),
    /// The namespaces of an app
    #[command(subcommand)]
    Namespace(KvNamespaceCommand),
}

#[derive(Subcommand)]
pub(crate) enum KvKeyCommand {
    /// Write a value, replacing what the key held
    Put(KvPutArguments),
    /// Print a value, byte for byte
    Get(KvGetArguments),
    /// List keys, in the order of their bytes
    List(KvListArguments),
    /// Delete a key; one that is not there is fine
    Delete(KvKeyArguments),
}

#[derive(Subcommand)]
pub(crate) enum KvBulkCommand {
    /// Write the entries of a JSON file
    Put(KvBulkPutArguments),
    /// Print the values of the keys in a JSON file
    Get(KvBulkArguments),
    /// Delete the keys in a JSON file
    Delete(KvBulkDeleteArguments),
}

#[derive(Subcommand)]
pub(crate) enum KvNamespaceCommand {
    /// List the namespaces that the app binds, and others that hold data
    List(KvNamespaceListArguments),
}

/// Where the data is.
#[derive(Args)]
pub(crate) struct KvDataArguments {
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
    /// All data is local; accepted because wrangler has it
    #[arg(long, hide = true)]
    local: bool,
}

impl KvDataArguments {
    pub(crate) fn app(&self) -> AppArguments {
        AppArguments {
            directory: self.directory.clone(),
            config: self.config.clone(),
            env: self.env.clone(),
        }
    }
}

/// Whose keys a command is about.
#[derive(Args)]
pub(crate) struct KvOfArguments {
    /// The namespace, by the name of its binding
    #[arg(
        long,
        value_name = "NAME",
        required_unless_present = "namespace_id",
        conflicts_with = "namespace_id"
    )]
    pub(crate) binding: Option<String>,
    /// The namespace, by its id
    #[arg(long, value_name = "ID")]
    pub(crate) namespace_id: Option<String>,
    /// With `true` the namespace of `preview_id`, with `false` that of `id` [default: what `cellhouse dev` uses,
    /// which is `preview_id` where there is one]
    #[arg(long, num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub(crate) preview: Option<bool>,
    #[command(flatten)]
    pub(crate) data: KvDataArguments,
}

#[derive(Args)]
pub(crate) struct KvKeyArguments {
    /// The key
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
    #[command(flatten)]
    pub(crate) of: KvOfArguments,
}

#[derive(Args)]
pub(crate) struct KvPutArguments {
    #[command(flatten)]
    pub(crate) key: KvKeyArguments,
    /// The value
    #[arg(
        value_name = "VALUE",
        required_unless_present = "path",
        conflicts_with = "path",
        allow_hyphen_values = true
    )]
    pub(crate) value: Option<String>,
    /// Take the value from a file, byte for byte
    #[arg(long, value_name = "FILE")]
    pub(crate) path: Option<PathBuf>,
    /// The key goes after so many seconds, at least 60
    #[arg(long, value_name = "SECONDS")]
    pub(crate) ttl: Option<i64>,
    /// The key goes at this moment, in seconds since 1970
    #[arg(long, value_name = "SECONDS")]
    pub(crate) expiration: Option<i64>,
    /// JSON of up to 1,024 bytes that is kept with the key
    #[arg(long, value_name = "JSON")]
    pub(crate) metadata: Option<String>,
}

#[derive(Args)]
#[command(
    after_help = "Without an option the bytes are printed as they are, with no newline added.\n\
    With --json: {\"key\", \"value\", \"metadata\", \"expiration\"}; a value that is no text is under \"base64\"."
)]
pub(crate) struct KvGetArguments {
    #[command(flatten)]
    pub(crate) key: KvKeyArguments,
    /// Print it as UTF-8 text with a newline at its end
    #[arg(long)]
    pub(crate) text: bool,
}

#[derive(Args)]
#[command(
    after_help = "With --json one array, as wrangler prints it: [{\"name\", \"expiration\", \"metadata\"}]."
)]
pub(crate) struct KvListArguments {
    #[command(flatten)]
    pub(crate) of: KvOfArguments,
    /// Only keys that begin so
    #[arg(long, value_name = "TEXT")]
    pub(crate) prefix: Option<String>,
}

#[derive(Args)]
pub(crate) struct KvBulkArguments {
    /// A JSON array of keys, or of objects with a `name`
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) of: KvOfArguments,
}

#[derive(Args)]
#[command(after_help = "The file is a JSON array, of which each item is\n  \
    {\"key\": string, \"value\": string, \"expiration\"?: number, \"expiration_ttl\"?: number,\n   \
    \"metadata\"?: object, \"base64\"?: boolean}\n\
    The value of an item with \"base64\": true is decoded. The whole file is checked before anything is written.")]
pub(crate) struct KvBulkPutArguments {
    /// The file with the entries
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) of: KvOfArguments,
}

#[derive(Args)]
pub(crate) struct KvBulkDeleteArguments {
    #[command(flatten)]
    pub(crate) bulk: KvBulkArguments,
    /// Do not ask
    #[arg(short, long, visible_alias = "yes")]
    pub(crate) force: bool,
}

#[derive(Args)]
pub(crate) struct KvNamespaceListArguments {
    #[command(flatten)]
    pub(crate) data: KvDataArguments,
}
