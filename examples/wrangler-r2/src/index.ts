export default {
	async fetch(request, env, ctx) {
		const url = new URL(request.url);
		const objectKey = url.pathname.slice(1); // e.g. "image.png"

		if (request.method === "PUT") {
			// Stream the upload directly into R2
			await env.MY_BUCKET.put(objectKey, request.body);
			return new Response("Uploaded successfully!");
		}

		if (request.method === "GET") {
			// Get the object
			const object = await env.MY_BUCKET.get(objectKey);

			if (object === null) {
				return new Response("Object Not Found", { status: 404 });
			}

			// Stream the download back to the user
			return new Response(object.body);
		}

		return new Response("Method Not Allowed", { status: 405 });
	},
} satisfies ExportedHandler<Env>;
