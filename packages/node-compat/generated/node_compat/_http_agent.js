(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("_http_agent","ext:cellhouse_runtime/node_http_agent.js");})()
