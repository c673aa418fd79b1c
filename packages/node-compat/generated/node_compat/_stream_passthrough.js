(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("_stream_passthrough","ext:deno_node/internal/streams/passthrough.js");})()
