(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("sqlite","ext:cellhouse_runtime/node_sqlite.js");})()
