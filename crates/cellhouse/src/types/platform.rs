//! The types of queues, timers, workflows, file storage and rate limits.

use cellhouse_config::{App, BindingKind};

const QUEUES: &str = include_str!("queues.d.ts");
const RATE_LIMIT: &str = include_str!("rate_limit.d.ts");
const WORKFLOWS: &str = include_str!("workflows.d.ts");
const PLOY: &str = include_str!("ploy_platform.d.ts");

/// The type of a binding in Cloudflare's package.
pub(super) fn cloudflare(kind: &BindingKind) -> Option<&'static str> {
    match kind {
        BindingKind::Queue { .. } => Some("Queue"),
        BindingKind::RateLimit { .. } => Some("RateLimit"),
        _ => None,
    }
}

/// The type of a binding in Ploy's package.
pub(super) fn ploy(kind: &BindingKind) -> Option<&'static str> {
    match kind {
        BindingKind::Queue { .. } => Some("QueueBinding"),
        BindingKind::Timer { .. } => Some("TimerBinding"),
        BindingKind::PloyWorkflow { .. } => Some("WorkflowBinding"),
        BindingKind::Fs { .. } => Some("FileStorageBinding"),
        _ => None,
    }
}

/// What stands in for Cloudflare's package, as far as the app needs it.
pub(super) fn cloudflare_parts(app: &App) -> [Option<&'static str>; 3] {
    let has = |of: fn(&BindingKind) -> bool| app.bindings.iter().any(|b| of(&b.kind));
    let queues = !app.consumers.is_empty() || has(|kind| matches!(kind, BindingKind::Queue { .. }));
    let limits = has(|kind| matches!(kind, BindingKind::RateLimit { .. }));
    let workflows = has(|kind| matches!(kind, BindingKind::Workflow { .. }));
    [
        queues.then_some(QUEUES),
        limits.then_some(RATE_LIMIT),
        workflows.then_some(WORKFLOWS),
    ]
}

/// What stands in for Ploy's package, as far as the app needs it.
pub(super) fn ploy_part(app: &App) -> Option<&'static str> {
    let mut kinds = app.bindings.iter().map(|binding| &binding.kind);
    kinds.any(|kind| ploy(kind).is_some()).then_some(PLOY)
}
