(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("timers","ext:cellhouse_runtime/node_timers.js");})()
