(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("async_hooks","ext:deno_node/async_hooks.js");})()
