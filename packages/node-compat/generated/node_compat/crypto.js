(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("crypto","ext:deno_node/crypto.js");})()
