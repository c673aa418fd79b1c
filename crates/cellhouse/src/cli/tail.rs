//! The arguments of `cellhouse tail`, as those of `wrangler tail`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What is printed of each event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TailFormat {
    /// A few lines for people.
    Pretty,
    /// One line of JSON, in the shape of Cloudflare's tail events.
    Json,
}

/// How an event ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TailStatus {
    Ok,
    Error,
    Canceled,
}

#[derive(Args)]
pub(crate) struct TailArguments {
    /// The app's directory, or that of its workspace
    #[arg(default_value = ".", value_name = "DIR")]
    pub(crate) app: PathBuf,
    /// Where the data is [default: .cellhouse in DIR]
    #[arg(long, env = "CELLHOUSE_STORE", value_name = "PATH")]
    pub(crate) store: Option<String>,
    /// How events are printed [default: pretty on a terminal, else json]
    #[arg(long, value_enum)]
    pub(crate) format: Option<TailFormat>,
    /// Only events that ended so
    #[arg(long, value_enum)]
    pub(crate) status: Vec<TailStatus>,
    /// Only requests with this method
    #[arg(long, value_name = "METHOD")]
    pub(crate) method: Vec<String>,
    /// Only requests with this header, or with this value of it: `NAME` or `NAME:VALUE`
    #[arg(long, value_name = "HEADER")]
    pub(crate) header: Option<String>,
    /// Only events that have printed this text
    #[arg(long, value_name = "TEXT")]
    pub(crate) search: Option<String>,
    /// Only this share of the events, from 0 to 1
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub(crate) sampling_rate: Option<f64>,
    /// Only events of this app, where several run together
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("a share is a number from 0 to 1".to_owned()),
    }
}
