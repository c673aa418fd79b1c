//! The Redis backend: GET and SET over a few pipelined connections, each command within a time
//! limit.
//!
//! A key always uses the same connection while that is open, so that two writes of one key keep
//! their order even if the app does not await the first. Errors end here: they become missing
//! entries, and a report to [`crate::outage`].

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use fred::bytes::Bytes;
use fred::clients::Client;
use fred::error::{Error as FredError, ErrorKind};
use fred::interfaces::{ClientLike, KeysInterface};
use fred::types::Expiration;
use fred::types::config::Options;
use tokio::task::JoinSet;

use crate::Error;
use crate::address::Address;
use crate::outage::{self, Link, Trouble};
use crate::ttl::ceil_millis;

mod connect;

use connect::{Pool, Slot};

/// The settings of a Redis cache beside its URL.
#[derive(Debug, Clone)]
pub struct RedisOptions {
    /// The time that one command may take, waiting for a connection included, before it counts as
    /// failed. Default 250 ms.
    pub command_timeout: Duration,
    /// How many connections are kept to the server, or to each node of a cluster. Default 4.
    pub connections: usize,
    /// A PEM file with the certificate authorities to trust, in the place of those of the machine.
    /// TLS only.
    pub ca_file: Option<PathBuf>,
}

impl Default for RedisOptions {
    fn default() -> Self {
        Self {
            command_timeout: Duration::from_millis(250),
            connections: 4,
            ca_file: None,
        }
    }
}

pub(crate) struct Redis {
    slots: Vec<Arc<Slot>>,
    options: Options,
    link: Arc<Link>,
    /// Connections and their watcher; they end with this.
    _tasks: JoinSet<()>,
}

impl Redis {
    pub(crate) fn start(url: &str, options: &RedisOptions) -> Result<Self, Error> {
        let address = Address::parse(url)?;
        check(options, &address)?;
        let recipe = connect::Recipe::new(&address, options)?;
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| Error::NoRuntime)?;
        let (link, troubles) = Link::new(address.label);
        let command = Options {
            timeout: Some(options.command_timeout),
            ..Options::default()
        };
        let mut tasks = JoinSet::new();
        let slots = connect::open(recipe, options.connections, &link, &mut tasks, &runtime);
        let pool = Pool::new(slots.clone(), &command);
        tasks.spawn_on(outage::watch(Arc::clone(&link), troubles, pool), &runtime);
        Ok(Self {
            slots,
            options: command,
            link,
            _tasks: tasks,
        })
    }

    pub(crate) fn label(&self) -> &str {
        self.link.label()
    }

    pub(crate) async fn get(&self, name: String) -> Option<Bytes> {
        if self.link.is_cut() {
            return None;
        }
        let client = self.client(&name).with_options(&self.options);
        self.answer(client.get(name).await)?
    }

    /// Whether there was something.
    pub(crate) async fn delete(&self, name: String) -> bool {
        if self.link.is_cut() {
            return false;
        }
        let client = self.client(&name).with_options(&self.options);
        self.answer(client.del::<u64, _>(name).await)
            .is_some_and(|deleted| deleted > 0)
    }

    pub(crate) async fn set(&self, name: String, value: Bytes, ttl: Option<Duration>) {
        if self.link.is_cut() {
            return;
        }
        let client = self.client(&name).with_options(&self.options);
        let answer: Result<(), FredError> = match ttl.map(ceil_millis) {
            // SET refuses an expiry of 0.
            Some(0) => client.del(name).await,
            Some(millis) => {
                client
                    .set(name, value, Some(Expiration::PX(millis)), None, false)
                    .await
            }
            None => client.set(name, value, None, None, false).await,
        };
        self.answer(answer);
    }

    /// The key's own client, or the next that is connected.
    fn client(&self, name: &str) -> Client {
        let own = BuildHasherDefault::<DefaultHasher>::default().hash_one(name) as usize
            % self.slots.len();
        let (before, after) = self.slots.split_at(own);
        let mut clients = after.iter().chain(before).map(|slot| slot.client());
        clients
            .find(ClientLike::is_connected)
            .unwrap_or_else(|| self.slots[own].client())
    }

    fn answer<T>(&self, answer: Result<T, FredError>) -> Option<T> {
        answer
            .map_err(|error| self.link.report(failed(&error, &self.options)))
            .ok()
    }
}

fn check(options: &RedisOptions, address: &Address) -> Result<(), Error> {
    let wrong = |problem: &str| {
        Err(Error::Options {
            problem: problem.to_owned(),
        })
    };
    if options.connections == 0 {
        return wrong("a Redis cache needs at least one connection");
    }
    if options.command_timeout.is_zero() {
        return wrong("the time limit of a Redis command must be longer than 0");
    }
    if options.ca_file.is_some() && !address.tls {
        return wrong(
            "a certificate file has no meaning without TLS; use the scheme rediss or rediss-cluster",
        );
    }
    Ok(())
}

/// What a failed command says about the server.
fn failed(error: &FredError, options: &Options) -> Trouble {
    match error.kind() {
        ErrorKind::Timeout => {
            let limit = options.timeout.unwrap_or_default();
            Trouble::Lost(format!("no answer within {} ms", limit.as_millis()))
        }
        ErrorKind::IO
        | ErrorKind::Canceled
        | ErrorKind::Routing
        | ErrorKind::Cluster
        | ErrorKind::Protocol
        | ErrorKind::Tls => Trouble::Lost(reason(error)),
        _ => Trouble::Refused(reason(error)),
    }
}

/// The error without the debug forms that fred puts around the words of the operating system and of
/// rustls.
fn reason(error: &FredError) -> String {
    let details = error.details();
    let between = |start: &str, end: &str| Some(details.split_once(start)?.1.split_once(end)?.0);
    if let Some(problem) = between("InvalidCertificate(", ") }") {
        return format!("its certificate is not accepted: {problem}");
    }
    between("message: \"", "\"").unwrap_or(details).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_words() {
        let refused = r#"Os { code: 111, kind: ConnectionRefused, message: "Connection refused" }"#;
        let untrusted = "Custom { kind: InvalidData, error: InvalidCertificate(UnknownIssuer) }";
        let password = "WRONGPASS invalid username-password pair or user is disabled.";
        let cases = [
            (refused, "Connection refused"),
            (untrusted, "its certificate is not accepted: UnknownIssuer"),
            (password, password),
        ];
        for (details, expected) in cases {
            assert_eq!(reason(&FredError::new(ErrorKind::IO, details)), expected);
        }
    }
}
