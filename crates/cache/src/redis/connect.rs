//! Making the connections and keeping them: settings of the client library, and one task per
//! connection.
//!
//! The library reconnects by itself. The task here replaces a client that gave up or hangs by a new
//! one (a client whose task has ended cannot be used again: its count of queued commands stays
//! wrong, and it stops flushing), and passes on what the library says about broken connections.

use std::sync::Arc;
use std::time::Duration;

use fred::clients::Client;
use fred::error::Error as FredError;
use fred::interfaces::{ClientLike, EventInterface, KeysInterface};
use fred::types::config::{
    ClusterDiscoveryPolicy, Config, ConnectionConfig, Options, ReconnectPolicy, Server,
    ServerConfig, TcpConfig, TlsConfig, TlsConnector, TlsHostMapping, UnresponsiveConfig,
};
use fred::types::{ConnectHandle, Expiration};
use parking_lot::RwLock;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::{RedisOptions, reason};
use crate::address::{Address, Node};
use crate::outage::{self, Link, Trouble};
use crate::{Error, keys, tls};

/// To connect, TLS included, and again to log in.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// A connection on which an answer is outstanding for this long is closed and made anew.
const UNRESPONSIVE_AFTER: Duration = Duration::from_secs(1);
const UNRESPONSIVE_CHECK: Duration = Duration::from_millis(250);
/// Between two attempts to connect, in milliseconds: from the shortest, doubling, to the longest,
/// for ever.
const SHORTEST_DELAY: u32 = 50;
const LONGEST_DELAY: u32 = 1000;
/// Before the library is started again after it gave up.
const RESTART_DELAY: Duration = Duration::from_secs(1);

/// How to make a client.
pub(super) struct Recipe {
    config: Config,
    policy: ReconnectPolicy,
}

impl Recipe {
    pub(super) fn new(address: &Address, options: &RedisOptions) -> Result<Self, Error> {
        let policy = ReconnectPolicy::new_exponential(0, SHORTEST_DELAY, LONGEST_DELAY, 2);
        Ok(Self {
            config: config(address, options)?,
            policy,
        })
    }

    /// A client with one connection (in a cluster one to each node), not yet connecting.
    fn client(&self) -> Client {
        Client::new(
            self.config.clone(),
            None,
            Some(connection()),
            Some(self.policy.clone()),
        )
    }
}

fn config(address: &Address, options: &RedisOptions) -> Result<Config, Error> {
    Ok(Config {
        // "Fast" would end the client when the first attempt to connect fails.
        fail_fast: false,
        username: address.username.clone(),
        password: address.password.clone(),
        server: server(address),
        database: address.database,
        tls: if address.tls {
            Some(tls_config(address, options)?)
        } else {
            None
        },
        ..Config::default()
    })
}

fn server(address: &Address) -> ServerConfig {
    let mut hosts: Vec<Server> = address.nodes.iter().map(server_name).collect();
    if address.cluster {
        return ServerConfig::Clustered {
            hosts,
            policy: ClusterDiscoveryPolicy::UseCache,
        };
    }
    ServerConfig::Centralized {
        server: hosts.swap_remove(0),
    }
}

fn server_name(node: &Node) -> Server {
    Server::new_with_tls(node.bracketed(), node.port, Some(node.host.clone()))
}

fn tls_config(address: &Address, options: &RedisOptions) -> Result<TlsConfig, Error> {
    let connector = TlsConnector::from(tls::client_config(options.ca_file.as_deref())?);
    // Nodes that a cluster announces by address alone are checked against the name in the URL, if
    // that is a name.
    let named = address.nodes[0].host.parse::<std::net::IpAddr>().is_err();
    let hostnames = if named {
        TlsHostMapping::DefaultHost
    } else {
        TlsHostMapping::None
    };
    Ok(TlsConfig {
        connector,
        hostnames,
    })
}

fn connection() -> ConnectionConfig {
    ConnectionConfig {
        connection_timeout: CONNECT_TIMEOUT,
        internal_command_timeout: CONNECT_TIMEOUT,
        reconnect_on_auth_error: true,
        tcp: TcpConfig {
            nodelay: Some(true),
            ..TcpConfig::default()
        },
        unresponsive: UnresponsiveConfig {
            max_timeout: Some(UNRESPONSIVE_AFTER),
            interval: UNRESPONSIVE_CHECK,
        },
        ..ConnectionConfig::default()
    }
}

/// The place of one client among those of a cache.
pub(super) struct Slot {
    recipe: Arc<Recipe>,
    client: RwLock<Client>,
    renew: Notify,
}

impl Slot {
    fn new(recipe: &Arc<Recipe>) -> Self {
        Self {
            recipe: Arc::clone(recipe),
            client: RwLock::new(recipe.client()),
            renew: Notify::new(),
        }
    }

    /// The client that is here now.
    pub(super) fn client(&self) -> Client {
        self.client.read().clone()
    }

    /// Keeps the client connecting, and itself filled, for ever.
    async fn keep(&self, link: &Link) {
        loop {
            self.drive(&self.client(), link).await;
            *self.client.write() = self.recipe.client();
        }
    }

    /// Returns when the client is of no more use.
    async fn drive(&self, client: &Client, link: &Link) {
        let mut errors = client.error_rx();
        let mut connection = Connection(client.connect());
        loop {
            tokio::select! {
                event = errors.recv() => match event {
                    Ok((error, _)) => link.report(Trouble::Suspected(reason(&error))),
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => errors = client.error_rx(),
                },
                ended = &mut connection.0 => {
                    report_end(link, ended);
                    sleep(RESTART_DELAY).await;
                    return;
                }
                () = self.renew.notified() => return,
            }
        }
    }
}

/// All clients of a cache, as the watcher of outages sees them.
pub(super) struct Pool {
    slots: Vec<Arc<Slot>>,
    options: Options,
}

/// Starts connecting, in tasks of `tasks` on `runtime`.
pub(super) fn open(
    recipe: Recipe,
    count: usize,
    link: &Arc<Link>,
    tasks: &mut JoinSet<()>,
    runtime: &Handle,
) -> Vec<Arc<Slot>> {
    let recipe = Arc::new(recipe);
    let slots: Vec<Arc<Slot>> = (0..count).map(|_| Arc::new(Slot::new(&recipe))).collect();
    for slot in &slots {
        let (slot, link) = (Arc::clone(slot), Arc::clone(link));
        tasks.spawn_on(async move { slot.keep(&link).await }, runtime);
    }
    slots
}

impl Pool {
    pub(super) fn new(slots: Vec<Arc<Slot>>, options: &Options) -> Self {
        Self {
            slots,
            options: Options {
                fail_fast: true,
                ..options.clone()
            },
        }
    }

    /// Writes, since a server may still read when it can no longer write (out of memory, a
    /// replica).
    async fn probe(&self, client: Client) -> bool {
        let soon = Some(Expiration::PX(1));
        let client = client.with_options(&self.options);
        let written: Result<(), FredError> = client.set(keys::PROBE, "", soon, None, false).await;
        written.is_ok()
    }
}

impl outage::Server for Pool {
    async fn works(&self) -> bool {
        for slot in &self.slots {
            if !self.probe(slot.client()).await {
                return false;
            }
        }
        true
    }

    fn reconnect_stuck(&self) {
        for slot in self
            .slots
            .iter()
            .filter(|slot| slot.client().is_connected())
        {
            slot.renew.notify_one();
        }
    }
}

fn report_end(link: &Link, ended: Result<Result<(), FredError>, tokio::task::JoinError>) {
    let reason = match ended {
        Ok(Ok(())) => "the connection was closed".to_owned(),
        Ok(Err(error)) => reason(&error),
        Err(error) => error.to_string(),
    };
    link.report(Trouble::Suspected(reason));
}

/// The task of the client library that drives a connection; dropping this ends it, and closes the
/// connection.
struct Connection(ConnectHandle);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}
