//! The URL of a Redis or Valkey server, checked whole before anything connects.
//!
//! Neither the errors nor the label that stands for the server in logs hold the user name or
//! password.

use std::net::Ipv6Addr;

use percent_encoding::percent_decode_str;
use url::{Host, Url};

use crate::Error;

const DEFAULT_PORT: u16 = 6379;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) tls: bool,
    pub(crate) cluster: bool,
    /// One server, or the known nodes of a cluster; never empty.
    pub(crate) nodes: Vec<Node>,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) database: Option<u8>,
    /// The URL without its secrets.
    pub(crate) label: String,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Node {
    /// A name or an address; IPv6 without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Address {
    pub(crate) fn parse(url: &str) -> Result<Self, Error> {
        let url = Url::parse(url)
            .map_err(|error| Error::url(format!("{error}; write it like redis://host:6379")))?;
        let (tls, cluster) = scheme(url.scheme())?;
        let (username, password) = credentials(&url)?;
        let mut nodes = vec![first_node(&url)?];
        nodes.extend(other_nodes(&url, cluster)?);
        let database = database(&url, cluster)?;
        Ok(Self {
            tls,
            cluster,
            nodes,
            username,
            password,
            database,
            label: label(&url),
        })
    }
}

impl Node {
    /// The host as it stands before a port, so IPv6 in brackets.
    pub(crate) fn bracketed(&self) -> String {
        if self.host.parse::<Ipv6Addr>().is_ok() {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        }
    }
}

fn scheme(scheme: &str) -> Result<(bool, bool), Error> {
    Ok(match scheme {
        "redis" | "valkey" => (false, false),
        "rediss" | "valkeys" => (true, false),
        "redis-cluster" | "valkey-cluster" => (false, true),
        "rediss-cluster" | "valkeys-cluster" => (true, true),
        other => {
            return Err(Error::url(format!(
                "unknown scheme {other}; use redis, rediss (TLS), redis-cluster or rediss-cluster, or the same with valkey"
            )));
        }
    })
}

fn credentials(url: &Url) -> Result<(Option<String>, Option<String>), Error> {
    let username = decoded(url.username(), "user name")?;
    let password = decoded(url.password().unwrap_or_default(), "password")?;
    if password.is_none() && username.is_some() {
        return Err(Error::url(
            "a user name without a password; write redis://:PASSWORD@host or redis://USER:PASSWORD@host",
        ));
    }
    Ok((username, password))
}

fn decoded(text: &str, what: &str) -> Result<Option<String>, Error> {
    let text = percent_decode_str(text).decode_utf8();
    let text =
        text.map_err(|_| Error::url(format!("the {what} is not UTF-8 after percent-decoding")))?;
    Ok(Some(text.into_owned()).filter(|text| !text.is_empty()))
}

fn first_node(url: &Url) -> Result<Node, Error> {
    let host = match url.host() {
        Some(Host::Ipv6(address)) => address.to_string(),
        Some(host) => host.to_string(),
        None => String::new(),
    };
    if host.is_empty() {
        return Err(Error::url(
            "the host is missing; write it like redis://host:6379",
        ));
    }
    Ok(Node {
        host,
        port: url.port().unwrap_or(DEFAULT_PORT),
    })
}

fn other_nodes(url: &Url, cluster: bool) -> Result<Vec<Node>, Error> {
    url.query_pairs()
        .map(|(name, value)| match (&*name, cluster) {
            ("node", true) => other_node(&value),
            ("node", false) => Err(Error::url(
                "node= is for clusters; use the scheme redis-cluster or rediss-cluster",
            )),
            (other, _) => Err(Error::url(format!(
                "unknown parameter {other}; only node=host:port is known, for clusters"
            ))),
        })
        .collect()
}

fn other_node(text: &str) -> Result<Node, Error> {
    let wrong = || Error::url(format!("node={text} is not host:port"));
    let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = port.parse().map_err(|_| wrong())?;
    if host.is_empty() {
        return Err(wrong());
    }
    Ok(Node {
        host: host.to_owned(),
        port,
    })
}

fn database(url: &Url, cluster: bool) -> Result<Option<u8>, Error> {
    let path = url.path().trim_start_matches('/');
    if path.is_empty() {
        return Ok(None);
    }
    let number: u8 = path.parse().map_err(|_| {
        Error::url(format!(
            "/{path} is no database; write a number from 0 to 255, like redis://host:6379/1"
        ))
    })?;
    if cluster && number != 0 {
        return Err(Error::url(
            "a cluster has only database 0; leave the path out",
        ));
    }
    Ok(Some(number).filter(|_| !cluster))
}

fn label(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().unwrap_or(DEFAULT_PORT);
    format!(
        "{}://{host}:{port}{}",
        url.scheme(),
        url.path().trim_end_matches('/')
    )
}

#[cfg(test)]
mod tests;
