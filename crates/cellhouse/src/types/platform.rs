//! The types of queues, timers, workflows, file storage and rate limits.

use cellhouse_config::{App, BindingKind};

const QUEUES: &str = include_str!("queues.d.ts");
const RATE_LIMIT: &str = include_str!("rate_limit.d.ts");
const WORKFLOWS: &str = include_str!("workflows.d.ts");
const VERSION_METADATA: &str = include_str!("version_metadata.d.ts");
const ANALYTICS_ENGINE: &str = include_str!("analytics_engine.d.ts");
const HYPERDRIVE: &str = include_str!("hyperdrive.d.ts");
const STORED_SECRET: &str = include_str!("stored_secret.d.ts");
const PLOY: &str = include_str!("ploy_platform.d.ts");

/// The type of a binding in Cloudflare's package.
pub(super) fn cloudflare(kind: &BindingKind) -> Option<&'static str> {
    match kind {
        BindingKind::Queue { .. } => Some("Queue"),
        BindingKind::RateLimit { .. } => Some("RateLimit"),
        BindingKind::VersionMetadata => Some("WorkerVersionMetadata"),
        BindingKind::AnalyticsEngine => Some("AnalyticsEngineDataset"),
        BindingKind::Hyperdrive { .. } => Some("Hyperdrive"),
        BindingKind::StoredSecret { .. } => Some("SecretsStoreSecret"),
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
pub(super) fn cloudflare_parts(app: &App) -> [Option<&'static str>; 7] {
    let has = |of: fn(&BindingKind) -> bool| app.bindings.iter().any(|b| of(&b.kind));
    let queues = !app.consumers.is_empty() || has(|kind| matches!(kind, BindingKind::Queue { .. }));
    let limits = has(|kind| matches!(kind, BindingKind::RateLimit { .. }));
    let workflows = has(|kind| matches!(kind, BindingKind::Workflow { .. }));
    [
        queues.then_some(QUEUES),
        limits.then_some(RATE_LIMIT),
        workflows.then_some(WORKFLOWS),
        has(|kind| matches!(kind, BindingKind::VersionMetadata)).then_some(VERSION_METADATA),
        has(|kind| matches!(kind, BindingKind::AnalyticsEngine)).then_some(ANALYTICS_ENGINE),
        has(|kind| matches!(kind, BindingKind::Hyperdrive { .. })).then_some(HYPERDRIVE),
        has(|kind| matches!(kind, BindingKind::StoredSecret { .. })).then_some(STORED_SECRET),
    ]
}

/// What stands in for Ploy's package, as far as the app needs it.
pub(super) fn ploy_part(app: &App) -> Option<&'static str> {
    let mut kinds = app.bindings.iter().map(|binding| &binding.kind);
    kinds.any(|kind| ploy(kind).is_some()).then_some(PLOY)
}
