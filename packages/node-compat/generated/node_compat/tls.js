(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("tls","ext:cellhouse_runtime/node_tls.js");})()
