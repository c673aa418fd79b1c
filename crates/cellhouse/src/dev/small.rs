//! Bindings that the config says all of: version metadata, Analytics Engine, Hyperdrive, secrets of a Secrets Store.
//!
//! Opens no store. Of the process's environment it reads the connection strings that wrangler reads there.

use cellhouse_config::{App, Binding, BindingKind};
use cellhouse_runtime::BindingValue;
use chrono::{SecondsFormat, Utc};
use serde_json::json;
use url::Url;

/// Wrangler's names of the variables with a binding's connection string, the newer one first.
const CONNECTION_STRINGS: [&str; 2] = [
    "CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_",
    "WRANGLER_HYPERDRIVE_LOCAL_CONNECTION_STRING_",
];

/// Drivers that Hyperdrive knows.
const SCHEMES: [&str; 3] = ["postgres", "postgresql", "mysql"];

/// The value of a binding of these kinds; `None` for others.
pub(super) fn bind(app: &App, binding: &Binding) -> Option<BindingValue> {
    Some(match &binding.kind {
        BindingKind::VersionMetadata => BindingValue::Json(version()),
        BindingKind::AnalyticsEngine => BindingValue::AnalyticsEngine,
        BindingKind::StoredSecret { secret, value } => BindingValue::StoredSecret {
            name: secret.clone(),
            value: value.clone(),
        },
        BindingKind::Hyperdrive { local } => {
            let set = CONNECTION_STRINGS
                .iter()
                .find_map(|prefix| variable(app, &format!("{prefix}{}", binding.name)));
            hyperdrive(&binding.name, set.or_else(|| local.clone()))
        }
        _ => return None,
    })
}

/// A version is what was read at one time: each start and each reload makes one, as in `wrangler dev`.
fn version() -> String {
    let random = fastrand::u128(..);
    let [a, b, c, d, e] = [
        random >> 96,
        random >> 80 & 0xffff,
        random >> 64 & 0xfff | 0x4000,
        random >> 48 & 0x3fff | 0x8000,
        random & 0xffff_ffff_ffff,
    ];
    let id = format!("{a:08x}-{b:04x}-{c:04x}-{d:04x}-{e:012x}");
    let timestamp = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
    json!({ "id": id, "tag": "", "timestamp": timestamp }).to_string()
}

/// Of the process, or of the app's variable files, which wrangler takes into the process.
fn variable(app: &App, name: &str) -> Option<String> {
    let of_process = std::env::var(name).ok().filter(|text| !text.is_empty());
    let mut vars = app.vars.iter();
    let mut of_app = || vars.find(|(known, _)| known == name)?.1.as_str();
    of_process.or_else(|| of_app().map(str::to_owned))
}

fn hyperdrive(name: &str, connection_string: Option<String>) -> BindingValue {
    let Some(text) = connection_string else {
        return BindingValue::Absent(format!(
            "it needs the connection string of a database: set `localConnectionString` of the binding, or the \
             variable {}{name}",
            CONNECTION_STRINGS[0]
        ));
    };
    match Url::parse(&text) {
        Ok(url) if SCHEMES.contains(&url.scheme()) && url.has_host() => {
            BindingValue::Hyperdrive(text)
        }
        // The text may hold a password.
        _ => BindingValue::Absent(
            "its connection string is none: write postgres://USER:PASSWORD@HOST:PORT/DATABASE, or mysql://..."
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_an_id_of_its_own() {
        let (one, other) = (version(), version());
        assert_ne!(one, other);
        let one: serde_json::Value = serde_json::from_str(&one).unwrap();
        let id = one["id"].as_str().unwrap();
        let lengths: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
        assert!(id.chars().nth(14) == Some('4'), "{id}");
        assert_eq!(one["tag"], "");
    }

    #[test]
    fn a_connection_string_is_a_url_of_a_database() {
        let connects = |text: &str| {
            let value = hyperdrive("DB", Some(text.to_owned()));
            matches!(value, BindingValue::Hyperdrive(url) if url == text)
        };
        assert!(connects("postgres://u:p@localhost:5432/db?sslmode=disable"));
        assert!(connects("mysql://root@127.0.0.1/db"));
        for wrong in ["", "localhost", "http://x/y", "postgres:///db"] {
            assert!(!connects(wrong), "{wrong}");
        }
        let BindingValue::Absent(why) = hyperdrive("DB", None) else {
            panic!("it is there");
        };
        assert!(why.contains("LOCAL_CONNECTION_STRING_DB"), "{why}");
    }
}
