(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("_http_server","ext:cellhouse_runtime/node_http_server.js");})()
