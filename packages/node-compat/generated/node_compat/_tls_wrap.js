(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("_tls_wrap","ext:cellhouse_runtime/node_tls.js");})()
