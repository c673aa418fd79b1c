//! How much of Node.js an app has, by its compatibility date and flags.
//!
//! The dates are those of workerd's `compatibility-date.capnp` and of Cloudflare's documents: who names no
//! flag has Node.js's modules from 2026-08-04 on; `nodejs_compat` means `nodejs_compat_v2` from 2024-09-23 on.

use cellhouse_config::{App, CompatibilityDate};
use cellhouse_runtime::{NodeModules, NodeSettings};

/// What an app's flags and date say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Compatibility(NodeSettings);

impl Compatibility {
    pub(crate) fn of(app: &App) -> Self {
        let flags: Vec<&str> = app.compatibility_flags.iter().map(String::as_str).collect();
        Self::new(&flags, app.compatibility_date)
    }

    fn new(flags: &[&str], date: CompatibilityDate) -> Self {
        let has = |flag: &str| flags.contains(&flag);
        let since = |year, month, day| {
            let start = CompatibilityDate::new(year, month, day);
            start.is_some_and(|start| date >= start)
        };
        // A flag counts before the date; one that switches off before one that follows from another.
        let switch = |on: &str, off: &str, otherwise: bool| has(on) || (!has(off) && otherwise);
        let by_default = since(2026, 8, 4);
        let compat = switch("nodejs_compat", "no_nodejs_compat", by_default);
        let v2 = switch(
            "nodejs_compat_v2",
            "no_nodejs_compat_v2",
            by_default || (compat && since(2024, 9, 23)),
        );
        let modules = compat || v2;
        let environment = switch(
            "nodejs_compat_populate_process_env",
            "nodejs_compat_do_not_populate_process_env",
            since(2025, 4, 1),
        );
        let timers = switch(
            "enable_nodejs_global_timers",
            "no_nodejs_global_timers",
            since(2026, 2, 10),
        );
        Compatibility(NodeSettings {
            modules: match modules {
                true => NodeModules::All,
                false if has("nodejs_als") => NodeModules::AsyncHooks,
                false => NodeModules::None,
            },
            globals: v2,
            environment: modules && environment,
            timers: modules && timers,
        })
    }

    /// Whether a module, `node:name`, can be imported.
    pub(crate) fn has(self, module: &str) -> bool {
        match self.0.modules {
            NodeModules::None => false,
            NodeModules::AsyncHooks => module == "node:async_hooks",
            NodeModules::All => true,
        }
    }

    /// Whether modules of Node.js go before packages of the same name.
    pub(crate) fn has_modules(self) -> bool {
        self.0.modules == NodeModules::All
    }

    /// What the runtime is told.
    pub(crate) fn settings(self) -> NodeSettings {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(flags: &[&str], date: &str) -> String {
        let found = Compatibility::new(flags, date.parse().expect("a date"));
        let named = [
            (found.0.modules == NodeModules::All, "modules"),
            (found.0.modules == NodeModules::AsyncHooks, "als"),
            (found.0.globals, "globals"),
            (found.0.environment, "env"),
            (found.0.timers, "timers"),
        ];
        let named: Vec<_> = named
            .iter()
            .filter(|(is, _)| *is)
            .map(|(_, it)| *it)
            .collect();
        named.join(" ")
    }

    #[test]
    fn flags_and_dates_say_how_much_there_is() {
        let cases: &[(&[&str], &str, &str)] = &[
            (&[], "2026-07-01", ""),
            (&[], "2026-08-04", "modules globals env timers"),
            (
                &["no_nodejs_compat", "no_nodejs_compat_v2"],
                "2026-08-04",
                "",
            ),
            (&["no_nodejs_compat_v2"], "2026-08-04", "modules env timers"),
            (
                &["nodejs_compat"],
                "2026-07-01",
                "modules globals env timers",
            ),
            (&["nodejs_compat"], "2026-02-09", "modules globals env"),
            (&["nodejs_compat"], "2025-03-31", "modules globals"),
            (&["nodejs_compat"], "2024-09-22", "modules"),
            (&["nodejs_compat_v2"], "2024-09-22", "modules globals"),
            (
                &["nodejs_compat", "no_nodejs_compat_v2"],
                "2026-07-01",
                "modules env timers",
            ),
            (&["nodejs_als"], "2026-07-01", "als"),
            (
                &["nodejs_compat", "nodejs_compat_do_not_populate_process_env"],
                "2026-07-01",
                "modules globals timers",
            ),
            (
                &["nodejs_compat", "nodejs_compat_populate_process_env"],
                "2025-03-31",
                "modules globals env",
            ),
        ];
        for (flags, date, expected) in cases {
            assert_eq!(found(flags, date), *expected, "{flags:?} on {date}");
        }
    }
}
