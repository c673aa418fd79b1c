(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("stream/consumers","ext:deno_node/stream/consumers.js");})()
