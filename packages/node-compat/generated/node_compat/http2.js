(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("http2","ext:unenv/http2.js");})()
