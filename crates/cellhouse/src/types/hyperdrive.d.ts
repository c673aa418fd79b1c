// Hyperdrive, as Cloudflare's Workers have it.

interface Hyperdrive {
	readonly connectionString: string;
	readonly host: string;
	readonly port: number;
	readonly user: string;
	readonly password: string;
	readonly database: string;
}
