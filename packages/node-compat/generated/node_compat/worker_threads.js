(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("worker_threads","ext:cellhouse_runtime/node_worker_threads.js");})()
