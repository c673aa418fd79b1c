(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("_stream_readable","ext:deno_node/internal/streams/readable.js");})()
