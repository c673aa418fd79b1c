(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("fs","ext:cellhouse_runtime/node_fs.js");})()
