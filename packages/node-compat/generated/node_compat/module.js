(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("module","ext:cellhouse_runtime/node_module.js");})()
