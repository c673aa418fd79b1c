(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("_stream_writable","ext:deno_node/internal/streams/writable.js");})()
