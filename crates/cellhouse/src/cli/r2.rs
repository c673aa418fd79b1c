//! The arguments of `cellhouse r2`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Args)]
#[command(after_help = "Examples:\n  \
    cellhouse r2 bucket list\n  \
    cellhouse r2 object put my-bucket/images/cat.png --file cat.png\n  \
    cellhouse r2 object get my-bucket/images/cat.png --pipe | file -\n  \
    cellhouse r2 object list my-bucket/images/\n  \
    cellhouse r2 keys create --name laptop --bucket my-bucket --read-only\n\n\
    Exit codes: 0 done, 1 it failed, 2 the request was wrong, 3 there is no such bucket, object or key.")]
pub(crate) struct R2Arguments {
    #[command(subcommand)]
    pub(crate) command: R2Command,
}

#[derive(Subcommand)]
pub(crate) enum R2Command {
    /// Look at the buckets
    #[command(subcommand)]
    Bucket(BucketCommand),
    /// Read and write objects
    #[command(subcommand)]
    Object(ObjectCommand),
    /// Make and remove the access keys of the S3 API
    #[command(subcommand)]
    Keys(KeysCommand),
}

#[derive(Subcommand)]
pub(crate) enum BucketCommand {
    /// List the buckets
    List(WhereArguments),
    /// Show how many objects a bucket has, and how large they are
    Info(BucketArguments),
}

#[derive(Subcommand)]
pub(crate) enum ObjectCommand {
    /// Read an object into a file, or to standard output
    Get(GetObjectArguments),
    /// Write an object from a file, or from standard input
    Put(PutObjectArguments),
    /// Delete an object
    Delete(ObjectPathArguments),
    /// List the objects of a bucket, or those whose keys begin so
    List(ObjectPathArguments),
}

#[derive(Subcommand)]
pub(crate) enum KeysCommand {
    /// Make a key. Its secret is shown once
    Create(CreateKeyArguments),
    /// List the keys, without their secrets
    List(WhereArguments),
    /// Remove a key
    Delete(DeleteKeyArguments),
}

/// Whose data a command is about.
#[derive(Args)]
pub(crate) struct WhereArguments {
    /// The app's directory
    #[arg(short = 'C', long = "dir", default_value = ".", value_name = "DIR")]
    directory: PathBuf,
    /// Where the data is [default: .cellhouse in DIR]
    #[arg(long, env = "CELLHOUSE_STORE", value_name = "PATH")]
    store: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl WhereArguments {
    /// The data directory.
    pub(crate) fn directory(&self) -> PathBuf {
        crate::dev::data_directory(&self.directory, self.store.as_deref())
    }
}

#[derive(Args)]
pub(crate) struct BucketArguments {
    /// The bucket
    #[arg(value_name = "BUCKET")]
    pub(crate) bucket: String,
    #[command(flatten)]
    pub(crate) at: WhereArguments,
}

#[derive(Args)]
pub(crate) struct ObjectPathArguments {
    /// The bucket and the key
    #[arg(value_name = "BUCKET/KEY")]
    pub(crate) path: String,
    #[command(flatten)]
    pub(crate) at: WhereArguments,
}

#[derive(Args)]
pub(crate) struct GetObjectArguments {
    #[command(flatten)]
    pub(crate) object: ObjectPathArguments,
    /// The file to write [default: the last part of the key]
    #[arg(short, long, value_name = "FILE", conflicts_with = "pipe")]
    pub(crate) file: Option<PathBuf>,
    /// Write to standard output
    #[arg(short, long)]
    pub(crate) pipe: bool,
}

#[derive(Args)]
pub(crate) struct PutObjectArguments {
    #[command(flatten)]
    pub(crate) object: ObjectPathArguments,
    /// The file to read
    #[arg(
        short,
        long,
        value_name = "FILE",
        conflicts_with = "pipe",
        required_unless_present = "pipe"
    )]
    pub(crate) file: Option<PathBuf>,
    /// Read from standard input
    #[arg(short, long)]
    pub(crate) pipe: bool,
    /// The Content-Type of the object
    #[arg(long, visible_alias = "ct", value_name = "TYPE")]
    pub(crate) content_type: Option<String>,
}

#[derive(Args)]
pub(crate) struct CreateKeyArguments {
    /// What the key is for, to tell it from others
    #[arg(long, default_value = "", value_name = "TEXT")]
    pub(crate) name: String,
    /// The only bucket that it is for [default: all]
    #[arg(long, value_name = "BUCKET")]
    pub(crate) bucket: Option<String>,
    /// It may change nothing
    #[arg(long)]
    pub(crate) read_only: bool,
    #[command(flatten)]
    pub(crate) at: WhereArguments,
}

#[derive(Args)]
pub(crate) struct DeleteKeyArguments {
    /// The key's id
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) at: WhereArguments,
}
