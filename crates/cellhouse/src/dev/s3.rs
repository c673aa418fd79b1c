//! The S3 API of `cellhouse dev`: its own listener, beside the app's, where one is asked for.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;

use super::bindings::Stores;
use crate::cli::DevArguments;
use crate::report::{Reporter, Stop};

/// Takes the port, if the arguments name one: of this machine alone, unless they name an address too.
pub(super) async fn listen(arguments: &DevArguments) -> Result<Option<TcpListener>, Stop> {
    let Some(port) = arguments.s3_port else {
        return Ok(None);
    };
    let ip = super::serve::address("--s3-host", &arguments.s3_host)?;
    let address = SocketAddr::new(ip, port);
    let listener = TcpListener::bind(address).await.map_err(|error| {
        Stop::wrong(format!(
            "--s3-port {port}: cannot listen on {address}: {error}; choose another port, or 0 for any free one"
        ))
    })?;
    Ok(Some(listener))
}

/// Answers until the process ends, and says where.
pub(super) fn serve(
    listener: TcpListener,
    stores: &Arc<Stores>,
    reporter: &Reporter,
) -> Result<(), Stop> {
    let address = listener.local_addr().map_err(Stop::failed)?;
    let r2 = stores.r2().clone();
    let keys = r2.keys().map_err(Stop::failed)?.len();
    tokio::spawn(cellhouse_s3::serve(r2, listener, std::future::pending()));
    reporter.note(&format!(
        "S3 API at http://{address}, region {}",
        cellhouse_s3::REGION
    ));
    if keys == 0 {
        reporter.note("it has no access keys yet: make one with `cellhouse r2 keys create`");
    }
    Ok(())
}
