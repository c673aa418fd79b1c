//! Opens connections: finds the host's addresses, connects to the first that answers, and shakes hands for TLS.

use std::io;
use std::rc::Rc;

use deno_error::JsErrorBox;
use deno_tls::rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::connection::{Connection, Reader, Writer};
use super::tls::TlsOptions;

/// Both addresses, the peer's first.
pub(super) async fn open(
    connection: &Rc<Connection>,
    host: String,
    port: u16,
    tls: Option<TlsOptions>,
) -> Result<(String, String), JsErrorBox> {
    let name = host
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
        .unwrap_or(&host);
    let stream = TcpStream::connect((name, port))
        .await
        .map_err(|error| failed(&error))?;
    // What is written are whole messages: they are not to wait for more.
    stream.set_nodelay(true).map_err(|error| failed(&error))?;
    let ends = (stream.peer_addr(), stream.local_addr());
    let (Ok(peer), Ok(own)) = ends else {
        return Err(failed(&io::ErrorKind::NotConnected.into()));
    };
    match tls {
        None => {
            let (reader, writer) = stream.into_split();
            connection
                .fill(Reader::Plain(reader), Writer::Plain(writer))
                .await;
        }
        Some(options) => drop(secure(connection, stream, options).await?),
    }
    Ok((peer.to_string(), own.to_string()))
}

/// The protocol that was agreed on, or an empty string.
pub(super) async fn secure(
    connection: &Rc<Connection>,
    stream: TcpStream,
    options: TlsOptions,
) -> Result<String, JsErrorBox> {
    let name = options.name.clone();
    let name = name
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    let name = ServerName::try_from(name)
        .map_err(|error| JsErrorBox::generic(format!("TlsError\0{error}")))?;
    let connector = TlsConnector::from(options.config()?);
    let stream = connector
        .connect(name, stream)
        .await
        .map_err(|error| failed(&error))?;
    let protocol = stream.get_ref().1.alpn_protocol().unwrap_or_default();
    let protocol = String::from_utf8_lossy(protocol).into_owned();
    let (reader, writer) = tokio::io::split(stream);
    connection
        .fill(Reader::Secure(reader), Writer::Secure(writer))
        .await;
    Ok(protocol)
}

/// Its class says what happened: a code of Node.js's, where there is one.
fn failed(error: &io::Error) -> JsErrorBox {
    use io::ErrorKind::{
        AddrNotAvailable, ConnectionRefused, ConnectionReset, HostUnreachable, InvalidData,
        NetworkUnreachable, TimedOut,
    };
    let class = match error.kind() {
        ConnectionRefused => "ECONNREFUSED",
        ConnectionReset => "ECONNRESET",
        TimedOut => "ETIMEDOUT",
        HostUnreachable => "EHOSTUNREACH",
        NetworkUnreachable => "ENETUNREACH",
        AddrNotAvailable => "EADDRNOTAVAIL",
        InvalidData => "TlsError",
        _ => "Error",
    };
    let text = match error.get_ref() {
        Some(inner) => inner.to_string(),
        None => error.to_string(),
    };
    // Read by js/sockets.js and js/node_tcp.js, which make the error that apps see.
    JsErrorBox::generic(format!("{class}\0{text}"))
}
