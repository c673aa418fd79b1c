(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("assert/strict","ext:deno_node/assert.js","strict");})()
