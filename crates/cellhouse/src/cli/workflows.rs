//! The arguments of `cellhouse workflows`.

use clap::{Args, Subcommand};

use super::WhereArguments;

#[derive(Args)]
#[command(after_help = "Examples:\n  \
    cellhouse workflows list\n  \
    cellhouse workflows trigger orders '{\"item\": 7}' --id order-7\n  \
    cellhouse workflows instances list orders --status errored\n  \
    cellhouse workflows instances describe orders latest\n  \
    cellhouse workflows instances send-event orders order-7 --type paid --payload '{\"by\": \"card\"}'\n\n\
    An instance that is made, resumed or restarted while the app does not run goes on when it does.\n\n\
    Exit codes: 0 done, 1 it failed, 2 the request was wrong, 3 there is no such Workflow or instance.")]
pub(crate) struct WorkflowsArguments {
    #[command(subcommand)]
    pub(crate) command: WorkflowsCommand,
}

#[derive(Subcommand)]
pub(crate) enum WorkflowsCommand {
    /// List the Workflows, who runs each, and how many instances it has
    List(WhereArguments),
    /// Make an instance of a Workflow
    Trigger(TriggerArguments),
    /// Look at the instances of a Workflow, and change them
    #[command(subcommand)]
    Instances(InstancesCommand),
}

#[derive(Subcommand)]
pub(crate) enum InstancesCommand {
    /// List instances, the newest first
    List(InstanceListArguments),
    /// Show an instance: what it gave or why it failed, and its steps
    Describe(InstanceArguments),
    /// Pause an instance: at once, or when the steps that run are done
    Pause(InstanceArguments),
    /// Let a paused instance go on
    Resume(InstanceArguments),
    /// End an instance
    Terminate(InstanceArguments),
    /// Begin an instance anew, whatever it does
    Restart(InstanceArguments),
    /// Send an event to an instance
    SendEvent(SendEventArguments),
}

#[derive(Args)]
pub(crate) struct TriggerArguments {
    /// The Workflow
    pub(crate) workflow: String,
    /// What it gets as `event.payload`, as JSON
    #[arg(default_value = "{}")]
    pub(crate) params: String,
    /// The id of the instance [default: one that is made up]
    #[arg(long)]
    pub(crate) id: Option<String>,
    #[command(flatten)]
    pub(crate) at: WhereArguments,
}

#[derive(Args)]
pub(crate) struct InstanceListArguments {
    /// The Workflow
    pub(crate) workflow: String,
    /// Those with this status only
    #[arg(long, value_parser = [
        "queued", "running", "waiting", "waitingForPause", "paused", "errored", "terminated", "complete",
    ])]
    pub(crate) status: Option<String>,
    /// The oldest first
    #[arg(long)]
    pub(crate) reverse: bool,
    /// So many at most
    #[arg(long, default_value_t = 100)]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) at: WhereArguments,
}

#[derive(Args)]
pub(crate) struct InstanceArguments {
    /// The Workflow
    pub(crate) workflow: String,
    /// The instance; `latest` is the newest one
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) at: WhereArguments,
}

#[derive(Args)]
pub(crate) struct SendEventArguments {
    #[command(flatten)]
    pub(crate) of: InstanceArguments,
    /// What `step.waitForEvent()` waits for
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) kind: String,
    /// The payload of the event, as JSON
    #[arg(long, default_value = "{}")]
    pub(crate) payload: String,
}
