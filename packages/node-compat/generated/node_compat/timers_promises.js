(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("timers/promises","ext:cellhouse_runtime/node_timers.js","promises");})()
