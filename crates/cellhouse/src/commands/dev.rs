//! `cellhouse dev`: runs an app on this machine.

use crate::cli::DevArguments;
use crate::report::Stop;

/// Threads of the gateway. The app's code runs on isolates' threads of its own.
const GATEWAY_THREADS: usize = 2;

/// What of the libraries' own log is shown unless `CELLHOUSE_LOG` says otherwise. The cache tells itself
/// of a Redis that is down, and that it is back; what a client of the S3 API does wrong is told to the client.
const LOG: &str = "warn,fred=off,s3s=off,cellhouse_cache=info";

pub(crate) fn run(arguments: DevArguments) -> Result<(), Stop> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("CELLHOUSE_LOG")
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(LOG)),
        )
        .without_time()
        .with_target(false)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(GATEWAY_THREADS)
        .thread_name("gateway")
        .enable_all()
        .build()
        .map_err(Stop::failed)?;
    let result = runtime.block_on(crate::dev::serve(arguments));
    runtime.shutdown_background();
    result
}
