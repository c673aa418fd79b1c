(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("perf_hooks","ext:unenv/perf_hooks.js");})()
