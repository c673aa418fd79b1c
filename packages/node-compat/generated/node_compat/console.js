(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("console","ext:cellhouse_runtime/node_console.js");})()
