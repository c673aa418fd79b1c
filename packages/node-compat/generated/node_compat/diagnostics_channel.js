(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("diagnostics_channel","ext:deno_node/diagnostics_channel.js");})()
