(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("fs/promises","ext:cellhouse_runtime/node_fs_promises.js");})()
