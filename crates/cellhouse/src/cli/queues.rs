//! The arguments of `cellhouse queues`.

use clap::{Args, Subcommand};

use super::WhereArguments;

#[derive(Args)]
#[command(after_help = "Examples:\n  \
    cellhouse queues list\n  \
    cellhouse queues info jobs\n  \
    cellhouse queues pause-delivery jobs\n  \
    cellhouse queues purge jobs-failed --force\n\n\
    Exit codes: 0 done, 1 it failed, 2 the request was wrong, 3 there is no such queue.")]
pub(crate) struct QueuesArguments {
    #[command(subcommand)]
    pub(crate) command: QueuesCommand,
}

#[derive(Subcommand)]
pub(crate) enum QueuesCommand {
    /// List the queues, and how many messages are in each
    List(WhereArguments),
    /// Show a queue: its messages, who receives from it
    Info(QueueArguments),
    /// Remove all messages of a queue
    Purge(PurgeArguments),
    /// Deliver nothing of a queue until delivery is resumed, also after a restart
    PauseDelivery(QueueArguments),
    /// Deliver the messages of a queue again
    ResumeDelivery(QueueArguments),
}

#[derive(Args)]
pub(crate) struct QueueArguments {
    /// The queue
    pub(crate) queue: String,
    #[command(flatten)]
    pub(crate) at: WhereArguments,
}

#[derive(Args)]
pub(crate) struct PurgeArguments {
    #[command(flatten)]
    pub(crate) of: QueueArguments,
    /// Do not ask
    #[arg(long)]
    pub(crate) force: bool,
}
