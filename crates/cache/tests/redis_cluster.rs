//! `redis-cluster://` against a real cluster of three nodes.

mod support;

use std::time::Duration;

use cellhouse_cache::{Cache, RedisOptions, Store};
use support::{Redis, eventually, free_port, tempdir, until_it_keeps};

/// A port whose cluster bus port (10000 above) exists too.
fn node_port() -> u16 {
    std::iter::repeat_with(free_port)
        .take(1000)
        .find(|port| *port < 55_000)
        .expect("a port below 55000 is free")
}

fn node() -> Redis {
    let port = node_port();
    let port_text = port.to_string();
    let arguments = [
        ["--port", &port_text],
        ["--cluster-enabled", "yes"],
        ["--cluster-config-file", "nodes.conf"],
        ["--cluster-node-timeout", "2000"],
    ];
    Redis::start_in(tempdir(), port, arguments.as_flattened())
}

async fn cluster() -> Vec<Redis> {
    let nodes: Vec<Redis> = (0..3).map(|_| node()).collect();
    let addresses: Vec<String> = nodes
        .iter()
        .map(|node| format!("127.0.0.1:{}", node.port))
        .collect();
    let mut create = vec!["--cluster", "create"];
    create.extend(addresses.iter().map(String::as_str));
    create.extend(["--cluster-replicas", "0", "--cluster-yes"]);
    let made = nodes[0].cli(&create);
    assert!(made.contains("All 16384 slots covered"), "{made}");
    for node in &nodes {
        eventually("each node sees a whole cluster", async || {
            node.cli(&["CLUSTER", "INFO"]).contains("cluster_state:ok")
        })
        .await;
    }
    nodes
}

async fn write_and_read(store: &Store, round: u32) {
    for index in 0..300 {
        store
            .set(
                &format!("k{index}"),
                &format!("{round}-{index}"),
                Some(Duration::from_secs(600)),
            )
            .await;
    }
    for index in 0..300 {
        assert_eq!(
            store.get(&format!("k{index}")).await,
            Some(format!("{round}-{index}").into())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_spread_over_the_nodes_and_follow_their_slots() {
    let nodes = cluster().await;
    let url = format!(
        "redis-cluster://127.0.0.1:{}?node=127.0.0.1:{}",
        nodes[0].port, nodes[1].port
    );
    let options = RedisOptions {
        command_timeout: Duration::from_secs(20),
        ..RedisOptions::default()
    };
    let store = Cache::redis_with(&url, &options)
        .expect("a good URL")
        .store("default");
    until_it_keeps(&store).await;
    write_and_read(&store, 1).await;
    for node in &nodes {
        let held: u32 = node.cli(&["DBSIZE"]).parse().expect("a number");
        assert!(held > 30, "a node holds {held} of 300 keys");
    }

    let id = |node: &Redis| node.cli(&["CLUSTER", "MYID"]);
    let (from, to) = (id(&nodes[0]), id(&nodes[1]));
    let address = format!("127.0.0.1:{}", nodes[0].port);
    let moved = nodes[0].cli(&[
        "--cluster",
        "reshard",
        &address,
        "--cluster-from",
        &from,
        "--cluster-to",
        &to,
        "--cluster-slots",
        "500",
        "--cluster-yes",
    ]);
    assert!(moved.contains("Moving slot"), "{moved}");
    write_and_read(&store, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_gone_and_back_is_an_outage_like_any_other() {
    let mut nodes = cluster().await;
    let url = format!("redis-cluster://127.0.0.1:{}", nodes[0].port);
    let store = Cache::redis(&url).expect("a good URL").store("default");
    until_it_keeps(&store).await;
    nodes[2].kill();
    for index in 0..100 {
        store.set(&format!("k{index}"), "during", None).await;
        assert!(matches!(
            store.get(&format!("k{index}")).await.as_deref(),
            None | Some("during")
        ));
    }
    nodes[2].restart();
    eventually("every key is kept again", async || {
        let mut kept = true;
        for index in 0..100 {
            store.set(&format!("k{index}"), "after", None).await;
            kept &= store.get(&format!("k{index}")).await.as_deref() == Some("after");
        }
        kept
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_server_named_as_a_cluster_reads_as_missing() {
    let redis = Redis::start(&[]);
    let store = Cache::redis(&format!("redis-cluster://127.0.0.1:{}", redis.port))
        .expect("a good URL")
        .store("default");
    for _ in 0..10 {
        store.set("k", "1", None).await;
        assert_eq!(store.get("k").await, None);
    }
}
