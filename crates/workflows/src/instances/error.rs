//! Errors of Cloudflare's Workflows, with the texts of their service where it has any.

/// An error of an instance. Nothing has been changed when one is returned.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum InstanceError {
    /// There is no instance of that id.
    #[error("(instance.not_found) Instance not found")]
    NotFound,
    /// There is one already.
    #[error("(instance.already_exists) Instance already exists")]
    AlreadyExists,
    /// Its characters, or its length.
    #[error("Workflow instance has invalid id")]
    InvalidId,
    /// It has ended.
    #[error(
        "WorkflowError: (instance.cannot_terminate) Cannot terminate instance since its on a finite state"
    )]
    CannotTerminate,
    /// To restart from.
    #[error("WorkflowError: (instance.cannot_restart) Step {0:?} not found in execution history")]
    NoSuchStep(String),
    /// The instance has ended, and hears nothing more.
    #[error("(instance.cannot_send_event) Cannot send an event to an instance that is {0}")]
    CannotSend(&'static str),
    /// A batch of none, or of too many.
    #[error("WorkflowError: batchCreate should have at {0}")]
    BatchSize(&'static str),
    /// A value.
    #[error("{0}")]
    TooLarge(String),
    /// Who asks runs an instance that was paused, restarted or terminated meanwhile.
    #[error("the instance does not run here any more")]
    Superseded,
    /// The storage failed.
    #[error("storage: {0}")]
    Storage(String),
}

impl From<cellhouse_cell::Error> for InstanceError {
    fn from(error: cellhouse_cell::Error) -> InstanceError {
        InstanceError::Storage(error.to_string())
    }
}

impl From<rusqlite::Error> for InstanceError {
    fn from(error: rusqlite::Error) -> InstanceError {
        InstanceError::Storage(error.to_string())
    }
}
