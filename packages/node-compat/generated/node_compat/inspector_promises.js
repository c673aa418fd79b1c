(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("inspector/promises","ext:unenv/inspector_promises.js");})()
