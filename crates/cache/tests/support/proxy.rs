//! A TCP proxy on 127.0.0.1 whose open connections can be made to hang or break, as networks do,
//! while new ones work.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What happens to the connections made before a certain moment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Hang,
    Break,
}

pub struct Proxy {
    pub port: u16,
    /// The number of the latest connection, and what became of those up to it.
    accepted: Arc<AtomicU64>,
    fate: watch::Sender<(u64, Fate)>,
}

impl Proxy {
    /// Forwards to a port of 127.0.0.1, until the test's runtime ends.
    pub async fn start(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let accepted = Arc::new(AtomicU64::new(0));
        let (fate, watched) = watch::channel((0, Fate::Break));
        let counter = Arc::clone(&accepted);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let number = counter.fetch_add(1, Ordering::SeqCst) + 1;
                tokio::spawn(forward(client, target, number, watched.clone()));
            }
        });
        Self {
            port,
            accepted,
            fate,
        }
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::SeqCst)
    }

    /// Nothing more passes through the connections that are open now, and they stay open.
    pub fn hang_open_connections(&self) {
        self.fate.send_replace((self.accepted(), Fate::Hang));
    }

    /// The connections that are open now are closed.
    pub fn break_open_connections(&self) {
        self.fate.send_replace((self.accepted(), Fate::Break));
    }
}

async fn forward(
    mut client: TcpStream,
    target: u16,
    number: u64,
    mut fate: watch::Receiver<(u64, Fate)>,
) {
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", target)).await else {
        return;
    };
    let fate = async {
        fate.wait_for(|(last, _)| number <= *last)
            .await
            .map(|fate| fate.1)
    };
    tokio::select! {
        _ended = copy_bidirectional(&mut client, &mut server) => {}
        fate = fate => if let Ok(Fate::Hang) = fate {
            std::future::pending::<()>().await;
        },
    }
}
