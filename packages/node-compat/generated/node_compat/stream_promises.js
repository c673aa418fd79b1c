(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("stream/promises","ext:deno_node/stream/promises.js");})()
