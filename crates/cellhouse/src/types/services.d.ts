/** An app, or an entrypoint of one: requests, and the methods of its class. */
interface Fetcher {
	fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
	/** Whatever the entrypoint has; what it is, the other app knows. */
	[member: string]: any;
}
